import path from 'node:path'

/** The forms of files by the endings of their names. */
const FORM_OF_ENDING = {
  '.pcapng': 'pcapng',
  '.pcap': 'pcap',
  '.json': 'json',
  '.jsonl': 'json',
  '.tlm': 'raw',
  '.bin': 'raw',
  '.txt': 'line',
} as const

/** The form that a file's name usually stands for. Undefined if the name does not tell. */
export function formOfFile(name: string): 'pcapng' | 'pcap' | 'json' | 'raw' | 'line' | undefined {
  const ending = path.extname(name).toLowerCase()
  return Object.hasOwn(FORM_OF_ENDING, ending)
    ? FORM_OF_ENDING[ending as keyof typeof FORM_OF_ENDING]
    : undefined
}
