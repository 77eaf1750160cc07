import { cutOff } from './cut-off.ts'
import { deadTap, halfOpen } from './lost-subscribers.ts'
import { kills, threeTaps } from './proxy-kills.ts'
import type { Scenario } from './scenario.ts'
import { startUp } from './start-up.ts'
import { lateReceiver, twoPublishers } from './two-publishers.ts'

/** All scenarios, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  startUp,
  kills,
  threeTaps,
  twoPublishers,
  lateReceiver,
  deadTap,
  halfOpen,
  cutOff,
]
