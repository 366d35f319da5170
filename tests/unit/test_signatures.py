"""Signatures are those of `minisign`: what one makes the other takes, in both directions."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import publish
from nok.minisign import (
    SecretKey,
    SignatureFault,
    check_signature,
    key_of,
    name_of,
    parse_public_key,
    parse_secret_key,
)

KEY = SecretKey(id=bytes(range(8)), seed=bytes(range(32)))
THEIR_KEY = "untrusted comment: minisign public key 6ECA9BDA7690621F\nRWQfYpB22pvKbq1KZp4YgF/4eAkwX+jB72HTH2OPy7yUZqlgB2e1LqLh\n"
THEIR_SECRET = (
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAH2KQdtqbym7ubmyxibYWPJUfUmNf+UHngtT6xJ4XMD6B"
    "kktbOeNcGK1KZp4YgF/4eAkwX+jB72HTH2OPy7yUZqlgB2e1LqLhAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
)
THEIR_SIGNATURE = (
    "untrusted comment: signature from minisign secret key\n"
    "RUQfYpB22pvKbmCVj/bCk95pF6Po8cbixOPUX0sSisMi/oe3Cf1VAMN4IZBgcwTsRNi0SL3xabN+l/zlazOintg9oGD2rkeVOAw=\n"
    "trusted comment: a b\n"
    "G5VYoh9etMm8Mqh5kyhQHHkCWC8Y/Z4AB93B3bmZ4ZxD50Up3/UOgIKmy0+v+0r6oL/jXJab/qR69JTp77dFDA==\n"
)
"""Made by minisign 0.11 of the file `hello` and a line end."""


def test_what_minisign_made_is_taken() -> None:
    assert check_signature(b"hello\n", THEIR_SIGNATURE, parse_public_key(THEIR_KEY)) == "a b"
    assert parse_secret_key(THEIR_SECRET).public == parse_public_key(THEIR_KEY)
    assert parse_public_key(THEIR_KEY).text == THEIR_KEY
    assert name_of(key_of(THEIR_SIGNATURE)) == "6ECA9BDA7690621F"
    # its release signs with the same bytes: Ed25519 needs no chance
    ours, theirs = (
        text.split("\n") for text in (parse_secret_key(THEIR_SECRET).sign(b"hello\n", "a b"), THEIR_SIGNATURE)
    )
    assert ours[1:] == theirs[1:]


@pytest.mark.skipif(not shutil.which("minisign"), reason="minisign is not installed")
def test_minisign_takes_what_we_made(tmp_path: Path) -> None:
    file, key = tmp_path / "file", tmp_path / "key.pub"
    file.write_bytes("текст".encode())
    key.write_text(KEY.public.text)
    (tmp_path / "file.minisig").write_text(KEY.sign(file.read_bytes(), "nok package:demo version:1.0.0"))
    done = subprocess.run(["minisign", "-V", "-p", key, "-m", file], capture_output=True, text=True, check=True)
    assert "nok package:demo version:1.0.0" in done.stdout


@given(
    st.binary(max_size=40), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), st.integers(0, 300)
)
def test_a_signature_holds_for_its_content_and_comment_alone(content: bytes, comment: str, place: int) -> None:
    signature = KEY.sign(content, comment)
    assert check_signature(content, signature, KEY.public) == comment
    assert parse_secret_key(KEY.text) == KEY
    with pytest.raises(SignatureFault):
        check_signature(content + b"\0", signature, KEY.public)
    lines = signature.split("\n")
    changed = "\n".join([lines[0], *lines[1:2], f"{lines[2]}x", *lines[3:]])
    with pytest.raises(SignatureFault, match="comment was changed"):
        check_signature(content, changed, KEY.public)
    body = lines[1]
    at = place % (len(body) - 2)
    other = body[:at] + ("A" if body[at] != "A" else "B") + body[at + 1 :]
    with pytest.raises(SignatureFault):
        check_signature(content, "\n".join([lines[0], other, *lines[2:]]), KEY.public)


@pytest.mark.parametrize("text", ["", "x", "untrusted comment: x\nRWQ=\n", THEIR_SIGNATURE, KEY.public.text])
def test_what_is_no_secret_key_is_refused(text: str) -> None:
    with pytest.raises(SignatureFault):
        parse_secret_key(text)


def test_a_new_key_is_for_its_owner_alone_and_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys" / "sign.key"
    assert publish.main(["signing-key", "--out", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    key = parse_secret_key(file.read_text("utf-8"))
    assert parse_public_key(file.with_name("sign.key.pub").read_text("utf-8")) == key.public
    assert publish.main(["signing-key", "--out", str(file), "--lang", "en"]) == 64
    assert "Nothing was done" in capsys.readouterr().err
    assert parse_secret_key(file.read_text("utf-8")) == key
