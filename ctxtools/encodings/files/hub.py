"""Files of a model from the Hugging Face hub: its ``tokenizer.json``, its chat template."""

from pathlib import Path

from ctxtools.errors import NetworkError, missing_extra


class AbsentError(NetworkError):
    """The model has no such file."""


def find_on_hub(name: str, file: str = "tokenizer.json") -> Path:
    """A file of a model, from the hub's cache or downloaded.

    Args:
        name: ``organisation/model``, or ``organisation/model@revision``.
        file: its name there.

    Raises:
        MissingExtraError: ``huggingface_hub`` is not installed.
        NetworkError: it is not in the cache, and cannot be downloaded.
        AbsentError: the model has no such file.
    """
    try:
        from huggingface_hub import constants, hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
        from huggingface_hub.utils.logging import set_verbosity_error
    except ImportError:
        raise missing_extra(
            f"hf:{name} is on the Hugging Face hub, which", "huggingface_hub", "hub"
        ) from None
    set_verbosity_error()  # type: ignore[no-untyped-call]  # our own error says what went wrong

    repository, _, revision = name.partition("@")

    def fetch(*, only_here: bool) -> Path:
        path = hf_hub_download(
            repository, file, revision=revision or None, local_files_only=only_here
        )
        return Path(path)

    try:
        try:
            return fetch(only_here=True)
        except LocalEntryNotFoundError:
            _look_up(constants.ENDPOINT)
            return fetch(only_here=False)
    except Exception as error:  # the hub's errors, the network's, a name that is not one
        reason = str(error).strip().splitlines()[0]
        known = isinstance(error, EntryNotFoundError)
        is_absent = known and not isinstance(error, LocalEntryNotFoundError)
        raise (AbsentError if is_absent else NetworkError)(
            f"{file} of {repository!r} did not come from the Hugging Face hub: {reason}",
            hint="download it elsewhere and give its path, or check the name and the network",
        ) from error


def _look_up(address: str) -> None:
    """Raise an OSError at once without a network: the hub's library retries for 25 seconds."""
    import socket
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    if not getproxies():  # a proxy looks the host up itself
        socket.getaddrinfo(urlsplit(address).hostname, None)
