import path from 'node:path'

const folder = path.join(import.meta.dirname, '..')
const isCompiled = import.meta.filename.endsWith('.js')

/** The project's folder. `npm test` runs what is compiled into build/; a single file runs from its source as well. */
export const PROJECT = isCompiled ? path.join(folder, '..') : folder

/**
 * Returns how Node runs a module of the project's own as a process, from its source or compiled as this one is.
 * @param folder of the module, from `import.meta.dirname`
 * @param name of its file, without an extension
 */
export function program(
  folder: string,
  name: string,
): { readonly file: string; readonly execArgv: string[] } {
  return isCompiled
    ? { file: path.join(folder, `${name}.js`), execArgv: [] }
    : { file: path.join(folder, `${name}.ts`), execArgv: ['--import', import.meta.resolve('tsx')] }
}
