import type { RoleEvents } from '../../core/client/zmq-client.ts'
import type { WaitOptions } from '../../core/condition.ts'
import { GroundwireError } from '../../core/errors.ts'
import type { BaseEvents, Role } from '../../core/role.ts'
import type { Session } from './session.ts'

export interface RunRoleOptions<Opened> {
  /** Called once the role has started, connected or not. */
  readonly started?: () => void
  /**
   * The sentence for a role that is ready, with the addresses that it really has. A client of the bus is ready once it is connected
   * to its proxy, and any other role once it has started. Without it, the command itself says that, and what nobody hears.
   */
  readonly ready?: (opened: Opened) => string
  /** The sentence for a client that has started, and whose proxy is not there yet. */
  readonly opened?: () => string
  /** The role's own work: the command ends with it, and it ends when the signal aborts. Default: it runs until it is stopped. */
  readonly run?: (options: { readonly signal: AbortSignal }) => Promise<void>
  /** Says what the command itself still holds back, once the role has drained. */
  readonly flush?: () => void
  /** Time that the bus has at least, after the role is closed, for what it was handed, in ms. Default 0. */
  readonly linger?: () => number
  /** The exit code, asked for once the role has ended. Default 0. */
  readonly code?: () => number
}

/** A role with connections to a proxy. */
type Client = Role<RoleEvents, unknown> & { connected(options?: WaitOptions): Promise<void> }

/**
 * Runs any role, from its start to the exit code: keeps the books, says what happens to it and when it is ready, ends it when the
 * session ends, and sums its account up.
 * @throws whatever ends the role, or its start, once it is closed
 */
export async function runRole<Events extends BaseEvents & Record<keyof Events, unknown[]>, Opened>(
  session: Session,
  role: Role<Events, Opened>,
  options: RunRoleOptions<Opened> = {},
): Promise<number> {
  const { ended } = session
  let opened: Opened | undefined
  const base = role as unknown as Role<BaseEvents>
  base.on('loss', session.losses.report)
  base.on('listenerError', session.reportDefect)
  const { ready } = options
  const sentence = ready && (() => ready(opened as Opened))
  const client = asClient(base)
  if (client !== undefined) followClient(client, session, sentence, options.opened)
  try {
    await session.keepBooks()
    opened = await role.start({ signal: ended })
    options.started?.()
    if (client === undefined && sentence !== undefined) session.terminal.info(`ready: ${sentence()}`)
    if (options.run !== undefined) {
      await options.run({ signal: ended })
      session.end()
    }
    await session.untilEnded()
  } catch (error) {
    await role.close()
    // It was to end before it had started: it has nothing to see out.
    if (error === ended.reason && !(error instanceof GroundwireError)) return session.finish()
    throw error
  }
  return session.finish({ role, ...options })
}

function asClient(role: Role<BaseEvents>): Client | undefined {
  return 'connected' in role ? (role as unknown as Client) : undefined
}

/** Says what happens to a client's connections, and when it is ready, or back: with two of them, when it has both. */
function followClient(
  client: Client,
  session: Session,
  ready: (() => string) | undefined,
  opened: (() => string) | undefined,
): void {
  if (ready === undefined) {
    client.on('link', session.links.reportWithReturn)
    return
  }
  client.on('unheard', session.unheard.report)
  let isReady = false
  let isConnecting = false
  const untilConnected = async () => {
    if (isConnecting) return
    isConnecting = true
    await client.connected({ signal: session.ended })
    isConnecting = false
    session.terminal.info(`${isReady ? 'back' : 'ready'}: ${ready()}`)
    isReady = true
  }
  client.on('link', event => {
    if (event.type === 'waiting' && opened !== undefined) session.terminal.info(opened())
    session.links.report(event)
    // It may end, or be closed, before it is connected.
    if (event.type === 'connected') void untilConnected().catch(() => {})
  })
}
