import type { WaitOptions } from '../../core/condition.ts'
import type { ZMQClient } from '../../core/client/zmq-client.ts'
import type { Role, Session } from './session.ts'

export interface RunRoleOptions {
  /** Called once the role has started, connected or not. */
  readonly started?: () => void
  /** Said once the role is connected to its proxy: the addresses that it really has. */
  readonly ready: () => string
  /** Said where the proxy is not there yet, of what the role has opened already. */
  readonly opened?: () => string
  /** Sees out what the command itself still holds, after the role has drained. */
  readonly flush?: (options: WaitOptions) => Promise<void>
  /** The exit code, asked for when the role has ended. Default 0. */
  readonly code?: () => number
}

/** Starts a role, says when it is ready, runs it until the session ends, and closes its books. */
export async function runRole(session: Session, role: ZMQClient, options: RunRoleOptions): Promise<number> {
  role.on('loss', session.losses.report)
  role.on('listenerError', session.reportDefect)
  role.on('unheard', session.unheard.report)
  role.on('link', event => {
    if (event.type === 'waiting' && options.opened !== undefined) session.terminal.info(options.opened())
    session.links.report(event)
    if (event.type === 'connected') sayReady()
  })
  let announced = false
  let announcing = false
  let failed: unknown
  const sayReady = () => {
    // A role with two connections is ready, or back, when it has both.
    if (announcing) return
    announcing = true
    void role.connected({ signal: session.ended }).then(
      () => {
        session.terminal.info(announced ? `back: ${options.ready()}` : `ready: ${options.ready()}`)
        announced = true
        announcing = false
      },
      () => {},
    )
  }
  try {
    await session.keepBooks()
    await role.start()
    options.started?.()
    await session.untilEnded()
  } catch (error) {
    failed = error
  }
  if (failed !== undefined) {
    await role.close()
    throw failed
  }
  const whole: Role = {
    drain: async wait => {
      try {
        await role.drain(wait)
      } finally {
        await options.flush?.(wait)
      }
    },
    close: close => role.close(close),
  }
  return session.finish(whole, options.code?.())
}
