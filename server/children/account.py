"""Work done with another account's rights, in a copy of this process."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable


def call_as(
    account: pwd.struct_passwd, action: Callable[[], int], failed: Callable[[Exception], None]
) -> int:
    """Call `action` with that account's rights only, and return the exit code that it gives; for root.

    The rights are given up for good: the account's files may lead anywhere. No other thread may run, since
    none of them is in the copy.

    Parameters
    ----------
    failed
        Called with whatever went wrong in the copy; the exit code is 1 then.
    """
    copy = os.fork()
    if copy == 0:
        code = 1
        try:
            _become(account)
            code = action()
        except Exception as exc:  # noqa: BLE001 - the copy must end here
            failed(exc)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])


def _become(account: pwd.struct_passwd) -> None:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.chdir("/")
    for name in ("XDG_STATE_HOME", "STATE_DIRECTORY"):
        os.environ.pop(name, None)
    os.environ["HOME"] = account.pw_dir
