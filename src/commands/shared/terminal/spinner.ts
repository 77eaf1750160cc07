import type makeOra from 'ora'
import type { Ora } from 'ora'
import { isForeground } from './foreground.ts'

const INTERVAL_MS = 80

/** The part of a terminal that a spinner needs. */
export interface Screen {
  readonly columns?: number | undefined
  /** Writes what may be left out where the terminal takes nothing. */
  draw(text: string): void
}

/** Loads what makes the frames: only a terminal on which something is waited for needs it. @returns what starts a spinner */
export async function loadSpinner(): Promise<(screen: Screen, text: string, color: SpinnerColor) => Spinner> {
  const { default: ora } = await import('ora')
  return (screen, text, color) => new Spinner(screen, ora, text, color)
}

/** ora's colour, or false for none: it does not know of NO_COLOR. */
type SpinnerColor = 'cyan' | false

/** Draws ora's frames at the end of what the terminal shows, while this process is in its foreground. */
export class Spinner {
  readonly #screen: Screen
  readonly #ora: Ora
  readonly #timer: NodeJS.Timeout
  /** Output of ora that has not been drawn yet. */
  #frame = ''

  constructor(screen: Screen, ora: typeof makeOra, text: string, color: SpinnerColor) {
    this.#screen = screen
    const stream = this.#streamOf(screen)
    // ora's own timer and hooks are left alone: they know nothing of the foreground.
    this.#ora = ora({ text, color, stream, discardStdin: false, hideCursor: false })
    this.#timer = setInterval(() => this.draw(), INTERVAL_MS).unref()
    this.draw()
  }

  set text(text: string) {
    this.#ora.text = text
  }

  draw(): void {
    this.#show(() => this.#ora.render())
  }

  /** Takes it off the screen, for a line to be written there. */
  erase(): void {
    this.#show(() => this.#ora.clear())
  }

  stop(): void {
    clearInterval(this.#timer)
    this.erase()
  }

  #show(change: () => unknown): void {
    const mine = isForeground()
    // Once it has been put into the background, what was drawn is no longer at the end, and is left where it is.
    if (mine) change()
    else this.#ora.clear()
    if (mine) this.#screen.draw(this.#frame)
    this.#frame = ''
  }

  /** The part of a terminal's stream that ora uses: it gathers a frame, to be drawn in one piece. */
  #streamOf(screen: Screen): NodeJS.WriteStream {
    const add = (text: string) => {
      this.#frame += text
      return true
    }
    const stream = {
      isTTY: true,
      get columns() {
        return screen.columns
      },
      write: add,
      cursorTo: (column: number) => add(`\u001b[${column + 1}G`),
      moveCursor: (_columns: number, rows: number) => add(rows < 0 ? `\u001b[${-rows}A` : ''),
      clearLine: () => add('\u001b[0K'),
    }
    return stream as unknown as NodeJS.WriteStream
  }
}
