/// The shell script that speaks with an ARC computing element over its REST interface, with curl and openssl.
///
/// One request makes all jobs of a submission, where `arcsub` takes almost two seconds a job. A POSIX shell, curl 7.76 and
/// OpenSSL 3.0 (EL9) suffice; of ARC's own clients none is needed. Credentials are the user's, a proxy or a token, and
/// appear on no command line. Exit statuses are curl's, and 70 where something is missing on this machine.
enum ARCClient {
    static func words(_ verb: String, _ element: String, _ others: [String] = []) -> [String] {
        ["sh", "-c", script, "martlet-arc", verb, element] + others
    }

    /// The words begin with a verb and a computing element: `words`.
    static let script = #"""
        # VERB COMPUTING-ELEMENT ...: one conversation with an ARC computing element. Credentials come from where the user has them.
        set -u
        verb=$1 rest=$2/rest/1.0
        shift 2
        umask 077
        proxy=${X509_USER_PROXY:-/tmp/x509up_u$(id -u)}
        authorities=${X509_CERT_DIR:-/etc/grid-security/certificates}

        token() { # as the WLCG looks for one
            for file in "${BEARER_TOKEN_FILE:-}" "${XDG_RUNTIME_DIR:-/nowhere}/bt_u$(id -u)" "/tmp/bt_u$(id -u)"; do
                [ -n "${BEARER_TOKEN:-}" ] || { [ -r "$file" ] && BEARER_TOKEN=$(tr -d '[:space:]' <"$file"); }
                [ -z "${BEARER_TOKEN:-}" ] || { printf %s "$BEARER_TOKEN"; return; }
                [ -z "${BEARER_TOKEN_FILE:-}" ] || return
            done
        }

        fail() { echo "$1" >&2; exit "${2:-70}"; }

        if [ -r "$proxy" ]; then
            who="cert = \"$proxy\"
        key = \"$proxy\""
        else
            found=$(token)
            [ -n "$found" ] || fail "there is neither a proxy ($proxy) nor a token (BEARER_TOKEN, BEARER_TOKEN_FILE)"
            who="header = \"Authorization: Bearer $found\""
        fi
        [ ! -d "$authorities" ] || who="$who
        capath = \"$authorities\""

        ask() { # curl, as who we are; what is secret is on no command line
            curl --silent --show-error --fail --connect-timeout 20 --header 'Accept: application/json' --config /dev/fd/3 "$@" 3<<END
        $who
        END
        }

        identity() { # who we are: what the next proxy or token says as well
            if [ -r "$proxy" ]; then
                openssl x509 -in "$proxy" -noout -subject -nameopt RFC2253 |
                    sed -E 's/^subject= *//; :a
                        s/^CN=(proxy|limited proxy|[0-9]+),//; ta'
            else
                token | cut -d. -f2 | tr '_-' '/+' | base64 -d 2>/dev/null | grep -Eo '"(iss|sub)" *: *"[^"]*"' | sort
            fi | sha256sum | cut -c1-12
        }

        told_as() { printf '{"who":"%s"}\n' "$(identity)"; } # whose jobs these are: another's are not shown, and not gone

        post() { ask --header 'Content-Type: application/json' --data-binary @- "$rest/jobs?action=$1"; }

        ids() { sed 's/"id" *: *"[^"]*"/\n&\n/g' | sed -n 's/^"id" *: *"\([^"]*\)"$/\1/p'; }

        body() { # the question about the ids on standard input
            printf '{"job":[%s]}' "$(sed 's/.*/{"id":"&"}/' | paste -sd, -)"
        }

        line() { # an answer on one line, if there is one
            answer=$(cat)
            [ -n "$answer" ] || return 70
            printf '%s' "$answer" | tr '\n' ' '
            echo
        }

        delegate() { # a proxy for jobs, made of the one that we have; prints its id
            work=$(mktemp -d) || return 70
            trap 'rm -rf "$work"' EXIT
            ask --request POST --dump-header "$work/head" --output "$work/request" "$rest/delegations?action=new" || return
            id=$(tr -d '\r' <"$work/head" | sed -n 's/^[Ll]ocation:.*[/=]//p')
            serial=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
            subject=$(openssl x509 -in "$proxy" -noout -subject -nameopt sep_multiline,sname,utf8 |
                sed -n '2,$s/^ *//p' | sed 's/[\\/+]/\\&/g; s/^/\//' | tr -d '\n')
            printf '%s\n' 'keyUsage=critical,digitalSignature,keyEncipherment' 'proxyCertInfo=critical,language:id-ppl-inheritAll' \
                >"$work/extensions"
            openssl req -in "$work/request" -noout -pubkey -out "$work/key" &&
                openssl x509 -new -force_pubkey "$work/key" -subj "$subject/CN=$serial" -CA "$proxy" -CAkey "$proxy" \
                    -set_serial "$serial" -days 30 -sha256 -extfile "$work/extensions" -out "$work/signed" ||
                return 70
            { cat "$work/signed"; sed '/BEGIN.*PRIVATE KEY/,/END.*PRIVATE KEY/d' "$proxy"; } |
                ask --request PUT --header 'Content-Type: application/x-pem-file' --data-binary @- "$rest/delegations/$id" ||
                return
            echo "$id"
        }

        case $verb in
        new) # DESCRIPTIONS FILE...: makes the jobs, then sends the files to each; prints what the element says to the former
            descriptions=$1 with=
            shift
            [ ! -r "$proxy" ] || { id=$(delegate) || fail "a proxy for the jobs could not be delegated" $?; with="&delegation_id=$id"; }
            answer=$(ask --header 'Content-Type: application/rsl' --data-binary "@$descriptions" "$rest/jobs?action=new$with") || exit
            printf '%s\n' "$answer"
            told_as
            [ $# -gt 0 ] || exit 0
            made=$(printf '%s' "$answer" | ids)
            [ -n "$made" ] || exit 0
            printf '%s\n' "$made" | while read -r id; do
                for file; do printf 'url = "%s/jobs/%s/session/%s"\nupload-file = "%s"\n' "$rest" "$id" "${file##*/}" "$file"; done
            done | ask --retry 3 --fail-early --config -
            ;;
        all) # what it says of all our jobs
            known=$(ask "$rest/jobs") || exit
            known=$(printf '%s' "$known" | ids)
            told_as
            [ -n "$known" ] || { echo '{"job":[]}'; exit; }
            printf '%s\n' "$known" | body | post info | line
            ;;
        status) # of the jobs that are named on standard input; all that it says of those that have failed
            states=$(post status) || exit
            told_as
            printf '%s' "$states" | line
            failed=$(printf '%s' "$states" | sed 's/[{]/\n&/g' | grep '"state" *: *"FAILED"' | ids)
            [ -z "$failed" ] || { printf '%s\n' "$failed" | body | post info | line; }
            ;;
        kill | clean) # the jobs that are named on standard input
            post "$verb"
            ;;
        show) # the file of a job at this URL, as far as there is one
            ask "$1"
            ;;
        fetch) # lines `URL<tab>PATH` on standard input; prints a line `HTTP-status exit-status PATH` each
            while IFS="$(printf '\t')" read -r from to; do
                printf 'url = "%s"\noutput = "%s.part"\n' "$from" "$to"
            done | ask --config - --write-out '%{http_code} %{exitcode} %{filename_effective}\n' |
                while read -r code status part; do
                    [ "$code $status" != "200 0" ] || mv "$part" "${part%.part}"
                    echo "$code $status ${part%.part}"
                done
            ;;
        esac
        """#
}
