"""Remedies for errors: each sentence once, without a full stop."""

CONNECT_AGAIN = "Log in to LinkedIn in your browser, copy the session anew and run `confrere accounts connect`"

CONNECT_THOSE_IN_ERROR = (
    "`confrere accounts list` shows which; log in with a browser and run `confrere accounts connect`"
)

CONNECT_FIRST = "Run `confrere accounts connect`"

RELEASE_ACCOUNT = (
    "A backup was restored: look in LinkedIn how many messages the account has sent today, then run "
    "`confrere accounts release-hold`"
)

WRITE_JOURNAL = (
    "Let Confrere write this file: a restored backup would write to people who have opted out after it, and take keys "
    "that were revoked"
)

LET_REST = "Leave it alone until the hold ends, and send less"

IS_DATABASE_RUNNING = "Is the database running, and its disk writable and not full?"

RESTORE_BACKUP = (
    "Stop everything that uses the store; `confrere doctor` checks its file. Restore a backup, and the secret keys "
    "that belong to it: docs/store.md says how"
)

SET_CLOCK = "Set the clock right on every machine (`timedatectl` shows whether it is synchronised)"

ACCEPT_CLOCK = "If it is right now, and was ahead before, run `confrere accept-clock`"

START_WORKER = "Start `confrere up`, or `confrere worker` beside `confrere serve`"

LIST_UNKNOWN_SENDS = "The worker searches LinkedIn for them; `confrere sends list --outcome unknown` lists them"

READ_LOG_OF_MAILBOXES = "the log's events `mailbox_not_read` say which and why"

REACH_PROVIDER = "Compare CONFRERE_OIDC_ISSUER with the provider's own page, and let this machine reach it"

SET_ISSUER = "Set CONFRERE_OIDC_ISSUER to exactly what the provider calls itself"

FIX_PROVIDER = (
    "Ask whoever runs the identity provider: its discovery document or its keys are not what OpenID Connect prescribes"
)

FIX_PROTOCOL_FILE = "Fix the file that CONFRERE_LINKEDIN_PROTOCOL_FILE names, or unset it"

UPDATE_QUERY_ID = (
    "Find the new id in your browser's network tab and put it into the file that CONFRERE_LINKEDIN_PROTOCOL_FILE "
    "names: docs/linkedin-protocol.md"
)

UPDATE_CONFRERE = "LinkedIn's protocol has moved: install a newer version of Confrere"

TRY_IN_BROWSER = "Try it in your browser"

TRY_AGAIN = "Try again"

TRY_AGAIN_OR_PROTOCOL_MOVED = "Try again; if it stays, LinkedIn's protocol moved"

WAIT = "Nothing needs to be done"

START_CAMPAIGN = "Check the campaign, then start it"

RESUME_CAMPAIGN = "Resume the campaign"

READ_FIRST = "The first message is sent: read it as its recipient sees it, then resume the campaign"

CONNECT_THEN_RESUME = "Connect the campaign's account again, then resume the campaign"

READ_REFUSALS = (
    "LinkedIn refused too many messages: read the reasons of the people who are `refused`, then resume or stop"
)

RESUME_OVERDUE = "It should have started more than 12 hours ago: see whether it is still wanted, then resume or stop it"

FIX_VARIABLE = "The template names a variable that there is not: correct it, check the campaign, then resume it"

ENABLE_ACCOUNT = "Enable the account: `confrere accounts enable`"

RAISE_LIMIT = "The account's daily limit is 0: raise it"

WAIT_FOR_SPREAD = "Nothing needs to be done; the day's messages are spread over what is left of its sending hours"

WAIT_OR_CHANGE_PACING = "Nothing needs to be done; the account's limits and rules of pacing can be changed"

WAIT_OR_RAISE_CAP = "Nothing needs to be done; the campaign has its own daily limit"

RELEASE_PERSON = "Nothing needs to be done; release the person to write earlier"

JOIN_GROUP = (
    "LinkedIn does not show the group's members to this account: join the group with it, or collect with an account "
    "that is in it"
)

ENABLE_WEBHOOKS = "See `confrere webhooks list`; put the receiver right, then `confrere webhooks update ID --enable`"
