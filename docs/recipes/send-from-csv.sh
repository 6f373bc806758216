#!/bin/sh
# Send the messages of a CSV file, one after the other, each at most once.
#
#   API_KEY=confrere_… docs/recipes/send-from-csv.sh messages.csv
#
# The file's first line names its columns: recipientProfileUrn, groupId and message, in any order; others are ignored.
# What became of each row is appended to messages.csv.log, and rows that are in there are passed over: so the script can
# be stopped at any moment and run again.
#
# API_URL      where the server is            (http://127.0.0.1:8080)
# MOST         messages in one run            (10)
# PAUSE        seconds between two messages   (120)
# MOST_WAIT    longest Retry-After, in seconds, that is waited for; a longer one ends the run (900)
# LOOK_AFTER   seconds until a message whose fate is unknown is asked about again             (300)
#
# Exit codes: 0 done; 1 a row was wrong, refused, or certainly not sent; 2 wrong use; 3 a limit: run it again later;
# 4 the fate of a message is not known: do not send it by other means.
set -eu

API_URL=${API_URL:-http://127.0.0.1:8080}
MOST=${MOST:-10}
PAUSE=${PAUSE:-120}
MOST_WAIT=${MOST_WAIT:-900}
LOOK_AFTER=${LOOK_AFTER:-300}
if [ $# -ne 1 ] || [ ! -r "$1" ] || [ -z "${API_KEY:-}" ]; then
    echo "usage: API_KEY=<your_api_key> $0 messages.csv" >&2
    exit 2
fi
log=$1.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
touch "$log"

# Each row of the CSV as one line: its JSON body. Fields may be in quotes and then hold commas, quotes and line breaks.
rows() {
    LC_ALL=C awk '
        function json(text,  out, i, c) {
            out = ""
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (c == "\\" || c == "\"") out = out "\\" c
                else if (c == "\t") out = out "\\t"
                else if (c == "\n") out = out "\\n"
                else if (c == "\r") out = out "\\r"
                else out = out (c < " " ? " " : c)
            }
            return "\"" out "\""
        }
        function end_field() { row[++fields] = field; field = "" }
        function end_row(  i) {
            end_field()
            if (!named) {
                for (i = 1; i <= fields; i++) column[row[i]] = i
                if (!("recipientProfileUrn" in column && "groupId" in column && "message" in column)) {
                    print "the first line must name recipientProfileUrn, groupId and message" > "/dev/stderr"
                    failed = 1; exit 2
                }
                named = 1
            } else if (fields > 1 || row[1] != "") {
                print "{\"recipientProfileUrn\":" json(row[column["recipientProfileUrn"]]) \
                      ",\"groupId\":" json(row[column["groupId"]]) \
                      ",\"message\":" json(row[column["message"]]) "}"
            }
            fields = 0; split("", row)
        }
        NR == 1 { sub(/^\357\273\277/, "") }
        {
            line = $0
            if (!quoted) sub(/\r$/, "", line)
            for (i = 1; i <= length(line); i++) {
                c = substr(line, i, 1)
                if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") { field = field c; i++ }
                else if (c == "\"" && (quoted || field == "")) quoted = !quoted
                else if (c == "," && !quoted) end_field()
                else if (c == "\r" && !quoted && i == length(line)) { }
                else field = field c
            }
            if (quoted) field = field "\n"; else end_row()
        }
        END {
            if (!failed && quoted) { print "a quote is never closed" > "/dev/stderr"; exit 2 }
        }
    ' "$1"
}

# Sets status, outcome and retry_after. The key is given on standard input, where no list of processes shows it.
send() {
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$API_KEY" | curl --silent --config - --max-time 40 \
        --request POST "$API_URL/linkedin/messaging/send-group" \
        --header 'Content-Type: application/json' --header "Idempotency-Key: $key" \
        --data-binary "@$work/body" --output "$work/answer" --dump-header "$work/headers" \
        --write-out '%{http_code}') || {
        [ $? -ne 7 ] || { : > "$work/answer"; stop 1 "There is no server at $API_URL."; }
        status=000
    }
    [ -f "$work/answer" ] || : > "$work/answer"
    outcome=$(sed -n 's/.*"outcome":"\([a-z_]*\)".*/\1/p' "$work/answer")
    retry_after=$(grep -i '^retry-after:' "$work/headers" 2>/dev/null | tail -n 1 | tr -cd '0-9')
}

note() {
    printf '%s\t%s\t%s\n' "$key" "$1" "$(tr '\n\t' '  ' < "$work/answer")" >> "$log"
    printf '%s: %s\n' "$key" "$1" >&2
}

stop() {
    printf '%s\n' "$2" >&2
    cat "$work/answer" >&2
    exit "$1"
}

rows "$1" > "$work/rows"
sent=0 wrong=0
while IFS= read -r body <&3; do
    printf '%s' "$body" > "$work/body"
    # The same row has the same key in every run: to the server it is the same message.
    key=csv-$(cksum < "$work/body" | tr -s ' \t' '-' | sed 's/-*$//')
    if cut -f 1 "$log" | grep -qxF "$key"; then continue; fi
    [ "$sent" -lt "$MOST" ] || { echo "$MOST messages were sent in this run; the others are for the next one" >&2; break; }
    [ "$sent" -eq 0 ] || sleep "$PAUSE"
    tries=0
    while :; do
        tries=$((tries + 1))
        rm -f "$work/answer" "$work/headers"
        send
        case $status:$outcome in
            200:*) note sent; sent=$((sent + 1)); break ;;
            403:*)
                grep -q '"errorDetails"' "$work/answer" || stop 1 'The key may not send.'
                note refused; wrong=1; break ;;
            400:* | 422:*) printf '%s is wrong: ' "$key" >&2; cat "$work/answer" >&2; echo >&2; wrong=1; break ;;
            500:unknown | 000:*)
                # With its key the same request looks it up first, and sends only if it is certainly not there.
                [ "$tries" -lt 3 ] || { note unknown; stop 4 'Its fate is not known: look at "confrere sends list".'; }
                sleep "$LOOK_AFTER" ;;
            409:* | 429:* | 503:*)
                [ "${retry_after:-99999}" -le "$MOST_WAIT" ] && [ "$tries" -lt 20 ] ||
                    stop 3 "Not now; run this again in ${retry_after:-some} seconds."
                sleep "$retry_after" ;;
            500:not_sent) [ "$tries" -lt 2 ] || stop 1 'It was certainly not sent, twice.'; sleep "$LOOK_AFTER" ;;
            *) stop 1 "The server answered $status." ;;
        esac
    done
done 3< "$work/rows"
exit "$wrong"
