"""Sends one message to a webhook: which URLs are safe, what is retried, and when a message counts as accepted."""

import argparse
import contextlib
import ipaddress
import math
import re
import signal
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

import requests
from urllib3.exceptions import HTTPError, InvalidHeader, ProtocolError, ReadTimeoutError
from urllib3.util import Retry

from engagement.paths import BadUsage

LONGEST_WAIT = 7 * 24 * 3600  # seconds
TRIED_AGAIN = [408, 429, *range(500, 600)]
GIVE_UP_AFTER = 3  # requests in a row without a response; further ones would fail as well


class Refused(Exception):
    """The receiver rejects this message. It may accept the next one."""


class Unreachable(Exception):
    """No usable response after all retries."""


class ToldToWait(Exception):
    """The receiver asks for a longer pause than the command waits."""


class OutOfTime(Exception):
    """The command has used up its time waiting for the receiver."""


class Patience(Retry):
    """urllib3's retries. They obey Retry-After on 429 and 503, or end the run."""

    RETRY_AFTER_STATUS_CODES = frozenset({429, 503})

    @classmethod
    def of(cls, options: argparse.Namespace, read: "int | None") -> "Patience":
        """Retries by the options of the command. `read` is how often a request is resent that may have arrived."""
        return cls(
            total=options.retries, read=read, backoff_factor=options.backoff, status_forcelist=TRIED_AGAIN, allowed_methods=None,
            raise_on_status=False, retry_after_max=options.max_wait,
        )

    def get_retry_after(self, response):
        try:
            seconds = super().get_retry_after(response)
        except InvalidHeader:
            return None
        if seconds is not None and seconds >= self.retry_after_max:
            raise ToldToWait
        return seconds


def checked_url(text: str, allow_http: bool) -> str:
    """The URL as it will be used. It is a secret, so no error contains it."""
    try:
        url = requests.Request("POST", text.strip()).prepare().url
        parts = urlsplit(url)
        host = parts.hostname or ""
    except (ValueError, requests.RequestException):
        raise BadUsage("The webhook URL cannot be read. It must begin with https:// and a host.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise BadUsage("The webhook URL must begin with https:// and a host.")
    if parts.scheme == "http" and not allow_http and not is_this_machine(host):
        raise BadUsage("The webhook URL is not encrypted. Use https://, or add --allow-http.")
    return url


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def until(deadline: float) -> Iterator[None]:
    """Raises OutOfTime at this time of the monotonic clock. Network timeouts restart with each byte, so they aren't enough."""
    def stop(number: int, frame: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    try:
        # and again every second, in case the exception was caught
        signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), 1e-6), 1)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def origin(url: str) -> str:
    """The part of the URL that can be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"


def deliver(body: str, key: str, url: str, options: argparse.Namespace, headers: "dict[str, str] | None" = None) -> None:
    """Returns once the receiver has accepted the message; otherwise raises an exception. `key` is the same in every try."""
    # a receiver that closes without a response may have the message, so it is resent in the next run at the earliest
    patience = Patience.of(options, read=0)
    # Each message has its own connection, and the body of a success is not read. So nothing that a receiver sends after its
    # status, or in place of a body, is mistaken for the response to this or the next alert.
    with requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=patience))
        try:
            response = session.post(
                url, data=body.encode(), timeout=options.timeout, stream=True,
                allow_redirects=False,
                headers={
                    "Content-Type": "application/json; charset=utf-8",
                    # safe in a header, whatever the id contains
                    "Idempotency-Key": quote(key, safe=":|,@/"),
                    **(headers or {}),
                },
            )
        except (requests.RequestException, HTTPError) as error:
            raise no_response(error) from None
        status = response.status_code
        if 200 <= status < 300:
            return
        if status in Patience.RETRY_AFTER_STATUS_CODES and "Retry-After" in response.headers:
            raise ToldToWait
        if status in TRIED_AGAIN:
            raise Unreachable(f"HTTP {status}")
        if 300 <= status < 400:
            raise Refused(f"HTTP {status}, a redirect, which is not followed")
        raise Refused(f"HTTP {status}{error_code(response, url)}")


def no_response(error: Exception) -> Unreachable:
    """Only the kind of error, because its message would show the URL. Requests wraps the error that names the kind."""
    cause = getattr(error.args[0] if error.args else None, "reason", error)
    remark = "; it may have arrived" if isinstance(cause, (ProtocolError, ReadTimeoutError)) else ""
    return Unreachable(f"no response ({type(cause).__name__}){remark}")


def error_code(response: requests.Response, url: str) -> str:
    """Slack's word for the fault, such as " invalid_blocks"; empty if the response is more than one word."""
    try:
        word = response.raw.read(100, decode_content=True).decode(errors="replace").strip()
    except (HTTPError, OSError):
        return ""
    return f" {word}" if re.fullmatch("[a-z_]{1,60}", word) and word not in url else ""


# options of the commands that send

def number(kind: type, minimum: float, maximum: float = math.inf) -> Callable:
    def value(text: str):
        if not minimum <= kind(text) <= maximum:
            raise ValueError
        return kind(text)
    value.__name__ = f"{kind.__name__} from {minimum}{f' to {maximum}' if maximum < math.inf else ''}"
    return value


def add_patience(group: argparse._ArgumentGroup, timeout: int, max_seconds: int) -> None:
    """How long a command waits, and how often it tries."""
    group.add_argument(
        "--timeout", type=number(float, 0.01, LONGEST_WAIT), default=timeout,
        help=f"seconds to wait for a connection, and for a response (default: {timeout})",
    )
    group.add_argument("--retries", type=number(int, 0), default=4, help="how often a temporarily refused request is resent (default: 4)")
    group.add_argument(
        "--backoff", type=number(float, 0), default=1,
        help="a request is resent at once, then after 2, 4, 8 ... times this many seconds (default: 1)",
    )
    group.add_argument(
        "--max-wait", type=number(int, 1), default=120,
        help="stop the run if the receiver asks for a pause of this many seconds or more (default: 120)",
    )
    group.add_argument(
        "--max-seconds", type=number(float, 0.01, LONGEST_WAIT), default=max_seconds,
        help=f"longest time for a run; the next one sends the rest (default: {max_seconds})",
    )
