import { defineCommand } from './shared/command-line/command.ts'
import { ExitCode } from './shared/exit-code.ts'
import { oneOf } from './shared/command-line/values.ts'

export default defineCommand({
  arguments: {
    shell: {
      describe: 'bash or zsh; by default, the one that SHELL in the environment names',
      parse: oneOf('bash', 'zsh'),
    },
  },
  options: {},
  examples: [
    ['completion >> ~/.bashrc', 'complete commands, options, their values, files and topics in bash'],
    ['completion zsh >> ~/.zshrc', 'the same in zsh'],
  ],
  notes: `Completion offers the topics that flow on the bus at that moment. It listens for 0.3 s, at --xpub if the line has it
already, else at GROUNDWIRE_XPUB, else at the proxy's default address.`,
  async run({ shell }, { io }) {
    const isZsh = shell === 'zsh' || (shell === undefined && io.env['SHELL']?.endsWith('zsh'))
    io.stdout.write(isZsh ? ZSH : BASH)
    return ExitCode.OK
  },
})

const BASH = `###-begin-groundwire-completions-###
# to install: groundwire completion >> ~/.bashrc
_groundwire()
{
    local rest=\${COMP_LINE:0:COMP_POINT} words=() word i=-1 kind line
    [[ $rest ]] || rest=\${COMP_WORDS[*]:0:COMP_CWORD+1}
    # bash also cuts words at : and =; they are put together again
    for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        if [[ $i -lt 0 || $rest == [[:space:]]* ]]; then
            i=$((i + 1))
        fi
        rest=\${rest#"\${rest%%[![:space:]]*}"}
        [[ $rest == "$word"* ]] || word=$rest
        rest=\${rest#"$word"}
        words[i]+=$word
    done
    # what stands before the last cut is not replaced
    local current=\${words[i]} last=\${COMP_WORDS[COMP_CWORD]}
    [[ $last == [:=] ]] && last=
    local before=\${current%"$last"}
    [[ $current == *"$last" ]] || before=
    COMPREPLY=()
    {
        read -r kind
        while IFS= read -r line; do
            printf -v line %q "$line"
            [[ $line == "$before"* ]] && COMPREPLY+=("\${line#"$before"}")
        done
    } < <(groundwire --complete bash "\${words[@]}" 2> /dev/null)
    if [[ $kind == files ]]; then
        compopt -o default
    fi
}
complete -F _groundwire groundwire
###-end-groundwire-completions-###
`

const ZSH = `#compdef groundwire
###-begin-groundwire-completions-###
# to install: groundwire completion zsh >> ~/.zshrc
_groundwire()
{
    local -a lines
    lines=("\${(@f)$(groundwire --complete zsh "\${(@)words[1,CURRENT]}" 2> /dev/null)}")
    if [[ $lines[1] == files ]]; then
        _files
    else
        shift lines
        _describe -V groundwire lines
    fi
}
compdef _groundwire groundwire
###-end-groundwire-completions-###
`
