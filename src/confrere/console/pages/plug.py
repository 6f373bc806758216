"""`/console/pull-the-plug`, in the sandbox only: a server is killed in the midst of a campaign, beside this one."""

from confrere.console.origins import PATH
from confrere.console.page import Page, redirect
from confrere.demo.plug import KILLS, PEOPLE
from confrere.http.answer import Answer
from confrere.services import Services


async def show(page: Page, _services: Services) -> Answer:
    """Show the latest run, as far as it is."""
    plug = page.require_sandbox().plug
    return page.render(
        "plug.html", state=plug.state, failure=plug.failure, is_running=plug.is_running, kill_count=KILLS, people=PEOPLE
    )


async def start(page: Page, _services: Services) -> Answer:
    """Begin a run, unless one is under way."""
    page.require_sandbox().plug.start()
    return redirect(f"{PATH}/pull-the-plug")
