import { spawnSync } from 'node:child_process'
import { tool } from './peers.ts'

/** The reason to skip tests of {@link isolated}, where this host or user can make no network namespace. */
export const noNamespace =
  tool('unshare') && tool('ip') && spawnSync('unshare', ['-rn', 'true']).status === 0
    ? false
    : 'no network namespace can be made here'

/**
 * A line of shell in a network namespace of its own, whose only interface is lo and where every port is free. In it, `until_says
 * FILE TEXT` waits for a line in a file.
 */
export const isolated = (line: string): string => `timeout 60 unshare -rn bash -c '
ip link set lo up
until_says() { until grep -q "$2" "$1"; do read -r -t 0.05 <> <(:); done; }
${line}'`
