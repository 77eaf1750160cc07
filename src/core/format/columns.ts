/** Characters that take no column of their own: they change the one before, or are not seen. */
const NONE = /^[\p{Mark}\u200b-\u200f\u2060\ufeff]$/u
/** Characters that take two (Unicode Standard Annex 11, wide and fullwidth): those of East Asia, and emoji. */
const TWO =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/

/** The columns of a terminal that a text takes. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let columns = 0
  for (const character of text) columns += columnsOfCharacter(character)
  return columns
}

/** Cuts a text to so many columns. A cut text ends in `…`. */
export function cutTo(text: string, columns: number): string {
  if (columns < 1) return ''
  if (columnsOf(text) <= columns) return text
  let kept = ''
  let left = columns - 1
  for (const character of text) {
    left -= columnsOfCharacter(character)
    if (left < 0) break
    kept += character
  }
  return `${kept}…`
}

function columnsOfCharacter(character: string): number {
  if (NONE.test(character)) return 0
  return TWO.test(character) ? 2 : 1
}
