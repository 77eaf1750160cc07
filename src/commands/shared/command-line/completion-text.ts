import { complete } from './complete.ts'

/**
 * Answers a shell that asks what may stand next: `--complete SHELL WORDS…`, where the first of the words is the program's name.
 * The first line says whether `words` follow, or `files` are meant; zsh is told what each word means too. yargs' script, which
 * some have in their profile, takes words alone, and completes the names of files where there is none.
 */
export async function completionText(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const [asking, ...rest] = argv
  const isOwn = asking === '--complete'
  const shell = isOwn ? rest.shift() : 'bash'
  const found = await complete(rest.slice(1), env)
  if (found === 'files') return isOwn ? 'files' : ''
  const lines = found.map(({ word, meaning }) => {
    if (shell !== 'zsh') return word
    const escaped = word.replaceAll(':', '\\:')
    return meaning === undefined ? escaped : `${escaped}:${meaning}`
  })
  return [...(isOwn ? ['words'] : []), ...lines].join('\n')
}
