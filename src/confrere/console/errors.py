"""The one table from errors to pages."""

from confrere.campaigns import StillRunning
from confrere.console.page import Page
from confrere.demo.http_calls import SandboxUnavailable
from confrere.domain import errors
from confrere.domain.campaigns.audience import AudienceInUse, AudienceNotReady
from confrere.domain.campaigns.campaign import ContentChanged, PersonDeclined, WrongStatus
from confrere.domain.campaigns.saved_template import TemplateInUse
from confrere.domain.webhooks import DeliveryInProgress, WebhookDisabled
from confrere.http.answer import STORE_RETRY_SECONDS, Answer, Headers, retry_after
from confrere.http.request import BodyEncoded, BodyTooLarge, BodyTooSlow


def explain(page: Page, error: errors.ConfrereError) -> Answer:
    """Answer an error with its reason and what to do. Raises `error` where the table does not know it."""
    status, text, headers = describe(error)
    return page.render_error(status, text, headers)


def describe(error: errors.ConfrereError) -> tuple[int, str, Headers]:
    """Return status, sentence and headers of an error. Raises `error` where the table does not know it."""
    status, text, headers = _describe(error)
    return status, _ended(text), headers


def words_of(error: errors.ConfrereError) -> str:
    """Return reason and remedy of an error that a form shows in place. Raises `error` where the table has none."""
    return describe(error)[1]


def _describe(error: errors.ConfrereError) -> tuple[int, str, Headers]:
    text = str(error)
    match error:
        case errors.NotFound():
            return 404, text, ()
        case errors.Unauthorized() | errors.Forbidden():
            return 403, "You may not do this", ()
        case BodyTooLarge():
            return 413, text, ()
        case BodyTooSlow():
            return 408, text, ()
        case BodyEncoded():
            return 415, text, ()
        case errors.InvalidField() | errors.NoSession() | errors.LimitIsZero():
            return 422, text, ()
        case ContentChanged() | WrongStatus() | PersonDeclined() | WebhookDisabled() | DeliveryInProgress():
            return 409, text, ()
        case AudienceInUse() | AudienceNotReady() | TemplateInUse() | errors.KeyInUse() | errors.KeyReused():
            return 409, text, ()
        case StillRunning():
            return 504, f"{text}. It goes on: reload this page, which sends the form again, to wait for its end", ()
        case errors.LimitReached():
            return 429, f"{text}: it may go on at {error.resets_at:%Y-%m-%d %H:%M} UTC", ()
        case errors.Draining():
            return 503, "The server is stopping; repeat this in a minute", retry_after(STORE_RETRY_SECONDS)
        case SandboxUnavailable():
            return 503, text, retry_after(STORE_RETRY_SECONDS)
        case errors.StoreUnavailable():
            advice = error.advice if error.remedy else "The store did not answer; repeat this in a moment"
            return 503, advice, retry_after(STORE_RETRY_SECONDS)
        case _:
            raise error


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
