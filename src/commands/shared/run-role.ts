import type { RoleEvents, RoleLinkEvent } from '../../core/client/zmq-client.ts'
import type { WaitOptions } from '../../core/condition.ts'
import { GroundwireError } from '../../core/errors.ts'
import type { BaseEvents, Role } from '../../core/role.ts'
import type { Session } from './session.ts'

export interface RunRoleOptions<Opened> {
  /** Called once the role has started, connected or not. */
  readonly started?: () => void
  /**
   * The sentence for a role that is ready, with its actual addresses. A client of the bus is ready once it is connected to
   * its proxy, any other role once it has started. Without it, the command itself reports that, and the unheard messages.
   */
  readonly ready?: (opened: Opened) => string
  /** The sentence for a client that has started before its proxy is there. */
  readonly opened?: () => string
  /** The role's own work. The command ends with it, and it ends when the signal aborts. Default: run until stopped. */
  readonly run?: (options: { readonly signal: AbortSignal }) => Promise<void>
  /** A refusal for its key ends it. Default false: a service tries again, as the key may be admitted later. */
  readonly isOneOff?: boolean
  /** Reports the lines that the command still holds back, once the role has drained. */
  readonly flush?: () => void
  /** Least time for the bus to take the last messages once the role is closed, in ms. Default 0. */
  readonly linger?: () => number
  /** The exit code, asked for once the role has ended. Default 0. */
  readonly code?: () => number
}

/** A role with connections to a proxy. */
type Client = Role<RoleEvents, unknown> & { connected(options?: WaitOptions): Promise<void> }

/**
 * Runs any role, from its start to the exit code: keeps the books, reports its events and when it is ready, ends it with the
 * session, and sums its account up.
 * @throws the error that ends the role or its start, once the role is closed
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
  if (client !== undefined) followClient(client, session, sentence, options)
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
    // The end came before the start: there is nothing to flush.
    if (error === ended.reason && !(error instanceof GroundwireError)) return session.finish()
    throw error
  }
  return session.finish({ role, ...options })
}

function asClient(role: Role<BaseEvents>): Client | undefined {
  return 'connected' in role ? (role as unknown as Client) : undefined
}

/** Reports the events of a client's connections, and when it is ready, or back. A client of both sides needs both. */
function followClient(
  client: Client,
  session: Session,
  ready: (() => string) | undefined,
  { opened, isOneOff = false }: Pick<RunRoleOptions<never>, 'opened' | 'isOneOff'>,
): void {
  const isEnd = ({ isDenied, url, reason }: RoleLinkEvent): boolean => {
    if (!isOneOff || isDenied !== true) return false
    session.end(new GroundwireError('REFUSED', `${url} refused the connection: ${reason}`))
    return true
  }
  if (ready === undefined) {
    client.on('link', event => {
      if (!isEnd(event)) session.links.reportWithReturn(event)
    })
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
    if (isEnd(event)) return
    if (event.type === 'waiting' && opened !== undefined) session.terminal.info(opened())
    session.links.report(event)
    // The role may end, or be closed, before it is connected.
    if (event.type === 'connected') void untilConnected().catch(() => {})
  })
}
