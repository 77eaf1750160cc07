import type makeOra from 'ora'
import type { Ora } from 'ora'
import { isForeground } from './foreground.ts'

const INTERVAL_MS = 80

/** Part of a terminal that a spinner needs. */
export interface Screen {
  readonly columns?: number | undefined
  /** Writes a text that may be left out if the terminal takes nothing. */
  draw(text: string): void
}

/** Loads ora, which only a terminal with a wait to show needs. @returns a function that starts a spinner */
export async function loadSpinner(): Promise<(screen: Screen, text: string, color: SpinnerColor) => Spinner> {
  const { default: ora } = await import('ora')
  return (screen, text, color) => new Spinner(screen, ora, text, color)
}

/** ora's colour, or false for no colour: ora ignores NO_COLOR. */
type SpinnerColor = 'cyan' | false

/** Draws ora's frames below the terminal's text, while this process is in the foreground. */
export class Spinner {
  readonly #screen: Screen
  readonly #ora: Ora
  readonly #timer: NodeJS.Timeout
  /** ora's output not drawn yet. */
  #frame = ''

  constructor(screen: Screen, ora: typeof makeOra, text: string, color: SpinnerColor) {
    this.#screen = screen
    const stream = this.#streamOf(screen)
    // ora's own timer and hooks are not used: they ignore the foreground.
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

  /** Erases the spinner, so that a line can be written in its place. */
  erase(): void {
    this.#show(() => this.#ora.clear())
  }

  stop(): void {
    clearInterval(this.#timer)
    this.erase()
  }

  #show(change: () => unknown): void {
    const mine = isForeground()
    // In the background, the drawn frame is no longer the last text of the terminal, so it stays where it is.
    if (mine) change()
    else this.#ora.clear()
    if (mine) this.#screen.draw(this.#frame)
    this.#frame = ''
  }

  /** The part of a terminal's stream that ora uses. It gathers a frame, which is then drawn in one piece. */
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
