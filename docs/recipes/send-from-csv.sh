#!/bin/sh
# Send the messages of a CSV file, one after the other, each at most once.
#
#   API_KEY=confrere_… docs/recipes/send-from-csv.sh messages.csv
#
# The file's first line names its columns: recipientProfileUrn, groupId and message, in any case and order; others are
# ignored. Commas, semicolons or tabs separate them. What is said about a row names the line on which it begins.
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

# Each row of the CSV as one line: the line on which it begins, a tab, its JSON body. Fields may be in quotes and then
# hold separators, quotes and line breaks. The separator is the one by which the first row names the columns.
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
        function fail(why) { print why > "/dev/stderr"; failed = 1; exit 2 }
        function cell(name) { return json(row[column[name]]) }
        # Splits a text into row[1..fields]; returns 0 where a quote is still open at its end.
        function split_row(text, separator,  i, c, field, quoted) {
            fields = 0; field = ""; quoted = 0; split("", row)
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (quoted && c == "\"" && substr(text, i + 1, 1) == "\"") { field = field c; i++ }
                else if (c == "\"" && (quoted || field == "")) quoted = !quoted
                else if (c == separator && !quoted) { row[++fields] = field; field = "" }
                else field = field c
            }
            row[++fields] = field
            return !quoted
        }
        function is_blank(  i) {
            for (i = 1; i <= fields; i++) if (row[i] ~ /[^ \t,;]/) return 0
            return 1
        }
        # Finds the separator and the columns in the first row; returns 0 where it may go on in the next line.
        function read_header(text,  n, i, name, open, blank) {
            for (n = 1; n <= 3; n++) {
                if (!split_row(text, substr(",;\t", n, 1))) { open = 1; continue }
                if (is_blank()) { blank = 1; continue }
                split("", column)
                for (i = 1; i <= fields; i++) {
                    name = tolower(row[i]); gsub(/^[ \t]+|[ \t]+$/, "", name); column[name] = i
                }
                if ("recipientprofileurn" in column && "groupid" in column && "message" in column) {
                    separator = substr(",;\t", n, 1)
                    return 1
                }
            }
            if (blank) return 1
            if (!open) fail("the first line must name recipientProfileUrn, groupId and message")
            return 0
        }
        NR == 1 { sub(/^\357\273\277/, "") }
        {
            if (text == "" && !going_on) begins = NR
            text = going_on ? text "\n" $0 : $0
            whole = text; sub(/\r$/, "", whole)
            if (separator == "") going_on = !read_header(whole)
            else {
                going_on = !split_row(whole, separator)
                if (!going_on && !is_blank())
                    print begins "\t{\"recipientProfileUrn\":" cell("recipientprofileurn") \
                          ",\"groupId\":" cell("groupid") ",\"message\":" cell("message") "}"
            }
            if (!going_on) text = ""
        }
        END {
            if (failed) exit 2
            if (going_on) fail("the quote in the row that begins in line " begins " is never closed")
            if (separator == "") fail("the first line must name recipientProfileUrn, groupId and message")
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
    printf 'line %s: %s\n' "$line" "$1" >&2
}

stop() {
    printf '%s\n' "$2" >&2
    cat "$work/answer" >&2
    exit "$1"
}

rows "$1" > "$work/rows"
sent=0 wrong=0
tab=$(printf '\t')
while IFS= read -r row <&3; do
    line=${row%%"$tab"*} body=${row#*"$tab"}
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
            400:* | 422:*) printf 'line %s is wrong: ' "$line" >&2; cat "$work/answer" >&2; echo >&2; wrong=1; break ;;
            500:unknown | 000:*)
                # With its key the same request looks it up first, and sends only if it is certainly not there.
                [ "$tries" -lt 3 ] || { note unknown; stop 4 "Line $line: its fate is not known: look at \"confrere sends list\"."; }
                sleep "$LOOK_AFTER" ;;
            409:* | 429:* | 503:*)
                [ "${retry_after:-99999}" -le "$MOST_WAIT" ] && [ "$tries" -lt 20 ] ||
                    stop 3 "Not now; run this again in ${retry_after:-some} seconds."
                sleep "$retry_after" ;;
            500:not_sent) [ "$tries" -lt 2 ] || stop 1 "Line $line was certainly not sent, twice."; sleep "$LOOK_AFTER" ;;
            *) stop 1 "The server answered $status." ;;
        esac
    done
done 3< "$work/rows"
exit "$wrong"
