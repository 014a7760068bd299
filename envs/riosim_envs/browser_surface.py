"""The browser as a whole screen, the same wherever its Chromium runs.

What could make two of them look or behave differently is here: switches, the context's options,
the page that is shown first.
"""

from contextlib import ExitStack, suppress
from typing import Final

from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as PlaywrightError

from riosim.errors import SandboxError
from riosim.sandbox import MachinePlan
from riosim_envs.browser_controller import BrowserController, Pending
from riosim_envs.page_tracker import PageTracker
from riosim_world.directory import HOME_URL

__all__ = ["SURFACE_ARGUMENTS", "open_surface"]

SURFACE_ARGUMENTS: Final = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,"
    "InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,WebRtcHideLocalIpsWithMdns,PaintHolding,LensOverlay,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,NetworkTimeServiceQuerying,PreconnectToSearch",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-smooth-scrolling",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--no-first-run",
    "--metrics-recording-only",
    "--password-store=basic",
)

# Chromium has no switch for it, and a caret that comes and goes makes no two frames equal.
_STEADY_CARET: Final = """
const sheet = new CSSStyleSheet();
sheet.replaceSync("* { caret-animation: manual !important }");
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
"""


def open_surface(
    browser: Browser,
    plan: MachinePlan,
    *,
    pages: PageTracker,
    pending: Pending,
    downloads: str | None = None,
) -> BrowserController:
    """Return a fresh context that shows the world's home page; the caller closes it.

    DOWNLOADS is a folder where the browser runs; without one Playwright keeps them until the
    context is closed.

    Raises:
        SandboxError: The browser does not do it.
    """
    with ExitStack() as stack:
        try:
            context = browser.new_context(
                viewport={"width": plan.width_px, "height": plan.height_px},
                locale="en-US",
                timezone_id="UTC",
                accept_downloads=True,
                reduced_motion="reduce",
                service_workers="block",
            )
            stack.callback(_close, context)
            context.add_init_script(_STEADY_CARET)
            context.new_page()
            if downloads is not None:
                _keep_downloads(browser, context, downloads)
            controller = BrowserController(
                context,
                width_px=plan.width_px,
                height_px=plan.height_px,
                home_url=HOME_URL,
                pages=pages,
                pending=pending,
            )
        except PlaywrightError as exc:
            raise SandboxError(f"Chromium could not open a page: {exc.message[:300]}") from exc
        controller.load(HOME_URL)
        stack.pop_all()
    return controller


def _keep_downloads(browser: Browser, context: BrowserContext, folder: str) -> None:
    """Let Chromium save files under their own names, as it does for a person."""
    target = context.new_cdp_session(context.pages[0]).send("Target.getTargetInfo")
    browser.new_browser_cdp_session().send(
        "Browser.setDownloadBehavior",
        {
            "behavior": "allow",
            "downloadPath": folder,
            "browserContextId": target["targetInfo"]["browserContextId"],
        },
    )


def _close(context: BrowserContext) -> None:
    with suppress(PlaywrightError):
        context.close()
