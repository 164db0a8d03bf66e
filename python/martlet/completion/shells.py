"""What `martlet completion` prints: the functions that make a shell ask."""

from __future__ import annotations

BASH = r"""# martlet: completion for bash.  source <(martlet completion bash)
_martlet_asked() {
    # $1: what knows the candidates; the line up to the cursor tells the rest
    local cur="${COMP_WORDS[COMP_CWORD]}" kind word IFS=$'\n'
    local -a told
    mapfile -t told < <("${@}" candidates bash "${COMP_WORDBREAKS}" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    kind="${told[0]:-files}"
    COMPREPLY=()
    case $kind in
    words) COMPREPLY=("${told[@]:1}") ;;
    scripts)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -X '!*.py' -- "$cur"; compgen -d -- "$cur")
        ;;
    *)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        ;;
    esac
}
_martlet() { _martlet_asked "${COMP_WORDS[0]/#\~/$HOME}"; }
complete -o nosort -F _martlet martlet
"""

BASH_PYTHON = r"""# and for `python SCRIPT`, where the script imports martlet, luigi or law
_martlet_python() {
    local script="${COMP_WORDS[1]/#\~/$HOME}"
    if [[ COMP_CWORD -gt 1 && $script == *.py ]] &&
        grep -qE '^\s*(import|from) +(martlet|luigi|law)' -- "$script" 2>/dev/null
    then
        _martlet_asked "${COMP_WORDS[0]/#\~/$HOME}" -m martlet
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    fi
}
complete -F _martlet_python python python3
"""

ZSH = r"""#compdef martlet
# martlet: completion for zsh.  source <(martlet completion zsh)
_martlet_asked() {
    local -a told names shown
    local line
    told=("${(@f)$("$@" candidates zsh "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case ${told[1]:-files} in
    words)
        for line in "${(@)told[2,-1]}"; do
            names+=("${line%%$'\t'*}")
            shown+=("${line/$'\t'/  -- }")
        done
        (( $#names )) && compadd -l -d shown -a names
        ;;
    scripts) _files -g '*.py' ;;
    *) _files ;;
    esac
}
_martlet() { _martlet_asked "${~words[1]}"; }
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u -D; }
compdef _martlet martlet
"""

ZSH_PYTHON = r"""# and for `python SCRIPT`, where the script imports martlet, luigi or law
_martlet_python() {
    local script="${~words[2]}"
    if [[ CURRENT -gt 2 && $script == *.py ]] &&
        grep -qE '^\s*(import|from) +(martlet|luigi|law)' -- "$script" 2>/dev/null
    then
        _martlet_asked "${~words[1]}" -m martlet
    else
        (( $+functions[_python] )) && _python || _files
    fi
}
compdef _martlet_python python python3
"""

SCRIPTS = {"bash": (BASH, BASH_PYTHON), "zsh": (ZSH, ZSH_PYTHON)}
"""By shell: for `martlet`, and what there is beside for `python`."""
