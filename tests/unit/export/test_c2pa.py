"""Content Credentials: read, signed, and kept in the chain; nothing is asked of any host."""

from __future__ import annotations

import builtins
import contextlib
import datetime as dt
import gc
import http.server
import io
import json
import random
import shutil
import struct
import subprocess
import sys
import threading
import traceback
import zlib

import msgspec
import pytest
from PIL import Image

import nbext
from nbext.cli import main
from nbext.config.settings import Nbext
from nbext.data.record import ReferenceInfo
from nbext.data.request import Reference
from nbext.drawings.history import History
from nbext.errors import HistoryError, OptionError, PictureError, SettingsError
from nbext.export.c2pa import credentials as reading
from nbext.export.c2pa.credentials import credentials_of, look, summary
from nbext.export.c2pa.sign import Certificate
from nbext.export.metadata.containers import has_c2pa, splice
from nbext.store.store import Store

c2pa = pytest.importorskip("c2pa", reason="c2pa-python has no build for this machine")

from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: E402
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: E402

from tests.until import until  # noqa: E402

FORMS = [("PNG", "RGB", {}), ("PNG", "RGBA", {}), ("JPEG", "RGB", {}), ("WEBP", "RGB", {})]
FORMS += [("WEBP", "RGBA", {"lossless": True}), ("GIF", "RGB", {}), ("AVIF", "RGB", {})]
# In which exiftool does not look for a claim.
UNSEEN = ("WEBP", "GIF", "AVIF")
NO_PASSPHRASE = serialization.NoEncryption()


def name(common):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Cat Lab"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def certify(subject, key, by, its_key, *, days=(-1, 100), authority=False):
    now = dt.datetime.now(dt.UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    )
    usage |= {"encipher_only": False, "decipher_only": False, "digital_signature": True}
    usage |= {"key_cert_sign": authority, "crl_sign": authority}
    made = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(by))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days[0]))
        .not_valid_after(now + dt.timedelta(days[1]))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(its_key.public_key()),
            critical=False,
        )
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if not authority:
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        made = made.add_extension(use, critical=False)
    return made.sign(its_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(key, encryption=NO_PASSPHRASE):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


class Lab:
    """An authority, and a signer that it vouches for."""

    def __init__(self, folder, signer="Ada", key=None, **how):
        folder.mkdir(parents=True, exist_ok=True)
        root, self.private = ec.generate_private_key(ec.SECP256R1()), key
        self.private = key or ec.generate_private_key(ec.SECP256R1())
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(certify("Root", root, "Root", root, authority=True))
        self.chain, self.key = folder / "chain.pem", folder / "key.pem"
        leaf = certify(signer, self.private, "Root", root, **how)
        self.chain.write_bytes(leaf + self.authority.read_bytes())
        self.key.write_bytes(pem(self.private))
        self.certificate = Certificate(self.chain, self.key)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def history(tmp_path):
    return History(Store(tmp_path / "cats.draws"))


def picture(seed=0, form="PNG", mode="RGB", **how):
    buffer = io.BytesIO()
    image = Image.linear_gradient("L").resize((33, 21)).rotate(90 * seed).convert(mode)
    image.putpixel((0, 0), (seed, *image.getpixel((0, 0))[1:]))
    image.save(buffer, form, **how)
    return buffer.getvalue()


def draw(history, data, *references, **fields):
    """Record a drawing, made from earlier ones or from a stranger's picture."""
    number = len(history.store.records()) + 1
    infos = []
    for one in references:
        given = one.pictures[0].data if isinstance(one, nbext.Drawing) else one
        stored = history.store.put(given)
        drawn = one.id if isinstance(one, nbext.Drawing) else ""
        source = f"@{one.number}" if drawn else "photo.png"
        infos.append(
            ReferenceInfo(
                sha256=stored.sha256, media_type=stored.media_type, source=source, drawing=drawn
            )
        )
    from nbext.data.record import Record

    record = Record(
        type="sent",
        id=f"id{number}",
        prompt="画只猫",
        model="gpt-4o-image",
        host="relay.example",
        references=infos,
        parents=[info.drawing for info in infos if info.drawing],
    )
    record = history.store.begin(record)
    record.pictures = [history.store.put(data)]
    record.type, record.finished = "drawing", "2026-11-23T10:00:00.000Z"
    for field, value in fields.items():
        setattr(record, field, value)
    history.store.append(record)
    return history[record.number]


def pixels(data):
    image = Image.open(io.BytesIO(data))
    return image.mode, image.size, image.tobytes()


# Signed, and read back


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_a_drawing_is_signed_and_read_back(form, mode, how, history, lab, tmp_path):
    data = picture(1, form, mode, **how)
    path = draw(history, data).save(tmp_path / f"cat.{form.lower()}", sign=lab.certificate)
    out = path.read_bytes()
    assert pixels(out) == pixels(data)
    made = nbext.read(path)
    assert (made.prompt, made.model, made.host) == ("画只猫", "gpt-4o-image", "relay.example")
    signed = made.credentials
    assert (signed.state, signed.intact, signed.trusted) == ("intact", True, None)
    assert signed.signed_by == "Cat Lab (Ada)"
    assert signed.generator == f"nbext {nbext.__version__}"
    [action] = signed.actions
    assert (action.action, action.source_type) == ("created", "trainedAlgorithmicMedia")
    assert action.agent == "gpt-4o-image via relay.example"
    assert action.when.startswith("2026-11-23T10:00:00")
    assert signed.ingredients == []
    assert "no list of trusted signers was given" in str(signed)


def test_a_sketch_is_marked_as_one(history, lab, tmp_path):
    path = draw(history, picture(), embedded=True).save(tmp_path / "cat.png", sign=lab.certificate)
    [action] = credentials_of(path.read_bytes()).actions
    assert action.source_type == "algorithmicMedia"
    assert action.agent.endswith("via the embedded endpoint")


@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_a_byte_that_changes_is_seen(form, mode, how, history, lab, tmp_path):
    path = draw(history, picture(1, form, mode, **how)).save(
        tmp_path / f"cat.{form.lower()}", sign=lab.certificate
    )
    data = bytearray(path.read_bytes())
    # A WebP ends with its manifest, the others with the picture.
    at = data.index(b"AISystemUsed>gpt") + 13 if form == "WEBP" else len(data) - 20
    data[at] ^= 1
    signed = credentials_of(bytes(data))
    assert signed.state == "altered"
    assert "ALTERED since it was signed" in signed.line()
    assert any("Hash.mismatch" in problem for problem in signed.problems)


def test_a_claim_that_changes_is_seen(history, lab, tmp_path):
    data = draw(history, picture()).save(tmp_path / "cat.png", sign=lab.certificate).read_bytes()
    label = data.index(b"c2pa.actions.v2")
    at = data.index(b"gpt-4o-image via", label)
    signed = credentials_of(data[:at] + b"dpt" + data[at + 3 :])
    assert signed.state == "tampered"
    assert not signed.intact


def test_who_vouches_for_the_signer(history, lab, tmp_path):
    path = draw(history, picture()).save(tmp_path / "cat.png", sign=lab.certificate)
    data = path.read_bytes()
    trusted = credentials_of(data, trust=lab.authority)
    assert (trusted.state, trusted.trusted) == ("intact", True)
    assert "trusted according to your list" in trusted.line()
    other = Lab(tmp_path / "other")
    stranger = credentials_of(data, trust=other.authority)
    assert (stranger.state, stranger.trusted) == ("intact", False)
    assert "NOT on your list" in stranger.line()
    with pytest.raises(OptionError, match="The list"):
        credentials_of(data, trust=tmp_path / "nowhere.pem")
    with pytest.raises(OptionError, match="contains no certificates"):
        credentials_of(data, trust=lab.key)


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
@pytest.mark.parametrize(("form", "mode", "how"), FORMS)
def test_exiftool_still_reads_the_fields(form, mode, how, history, lab, tmp_path):
    path = draw(history, picture(1, form, mode, **how)).save(
        tmp_path / f"cat.{form.lower()}", sign=lab.certificate
    )
    done = subprocess.run(["exiftool", "-json", path], capture_output=True, text=True, check=True)
    fields = json.loads(done.stdout)[0]
    assert fields["AIPromptInformation"] == "画只猫"
    assert fields["AISystemUsed"] == "gpt-4o-image via relay.example"
    assert fields["DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
    # Its version of 2023 looks for no claim in these.
    assert fields.get("Claim_Generator_InfoName", "nbext" if form in UNSEEN else "") == "nbext"


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "P-521", "Ed25519", "RSA"],
)
def test_keys_of_each_kind_sign(key, history, tmp_path):
    other = Lab(tmp_path / "lab", key=key)
    path = draw(history, picture()).save(tmp_path / "cat.png", sign=other.certificate)
    assert credentials_of(path.read_bytes(), trust=other.authority).trusted


# The chain


def test_the_chain_shows_what_it_comes_from(history, lab, tmp_path):
    first = draw(history, picture(1))
    second = draw(history, picture(2), first)
    third = draw(history, picture(3), second, picture(9, "JPEG"))
    before = {p.name: p.read_bytes() for p in (tmp_path / "cats.draws").rglob("*") if p.is_file()}
    path = third.save(tmp_path / "third.png", sign=lab.certificate)
    signed = credentials_of(path.read_bytes())
    assert signed.intact
    assert [action.action for action in signed.actions] == ["opened", "edited"]
    assert signed.actions[1].source_type == "compositeWithTrainedAlgorithmicMedia"
    chain = [(i.depth, i.title, i.relationship, i.state) for i in signed.ingredients]
    assert chain == [
        (1, "@2", "parentOf", "intact"),
        (2, "@1", "parentOf", "intact"),
        (1, "photo.png", "inputTo", "none"),
    ]
    assert signed.ingredients[1].signed_by == "Cat Lab (Ada)"
    assert [a.action for a in signed.ingredients[1].actions] == ["created"]
    assert "without credentials" in str(signed)
    # What was received stays as it is.
    after = {p.name: p.read_bytes() for p in (tmp_path / "cats.draws").rglob("*") if p.is_file()}
    assert after == before


def provider_signed(data, lab, media_type="image/png", agent="Provider"):
    """Sign a picture as a provider does, with nothing of nbext."""
    source = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    action = {"action": "c2pa.created", "digitalSourceType": source, "softwareAgent": agent}
    claim = {
        "claim_generator_info": [{"name": agent, "version": "5"}],
        "title": "image",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    out = io.BytesIO()
    with (
        c2pa.Builder(claim, context=reading.context()) as builder,
        lab.certificate.signer() as signer,
    ):
        builder.sign(signer, media_type, io.BytesIO(data), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("provider"), signer="Provider")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_providers_credentials_stay_in_the_chain(form, history, lab, provider, tmp_path):
    kind = f"image/{form.lower()}"
    data = provider_signed(picture(1, form), provider, kind)
    drawing = draw(history, data)
    assert drawing.credentials().signed_by == "Cat Lab (Provider)"
    untouched = drawing.save(tmp_path / f"plain.{form.lower()}").read_bytes()
    assert untouched == data
    path = drawing.save(tmp_path / f"cat.{form.lower()}", sign=lab.certificate)
    assert pixels(path.read_bytes()) == pixels(data)
    made = nbext.read(path)
    assert made.prompt == "画只猫"
    signed = made.credentials
    assert (signed.state, signed.signed_by) == ("intact", "Cat Lab (Ada)")
    assert [action.action for action in signed.actions] == ["opened", "edited.metadata"]
    [parent] = signed.ingredients
    assert (parent.relationship, parent.state) == ("parentOf", "intact")
    assert (parent.signed_by, parent.generator) == ("Cat Lab (Provider)", "Provider 5")


def test_it_stays_when_converted_too(history, lab, provider, tmp_path):
    drawing = draw(history, provider_signed(picture(1), provider))
    path = drawing.save(tmp_path / "cat.jpg", sign=lab.certificate)
    signed = credentials_of(path.read_bytes())
    assert signed.intact
    assert [a.action for a in signed.actions] == ["opened", "transcoded", "edited.metadata"]
    assert signed.ingredients[0].signed_by == "Cat Lab (Provider)"


def test_an_edit_of_a_signed_picture_keeps_it(history, lab, provider, tmp_path):
    edit = draw(history, picture(2), draw(history, provider_signed(picture(1), provider)))
    signed = credentials_of(edit.save(tmp_path / "cat.png", sign=lab.certificate).read_bytes())
    [parent] = signed.ingredients
    assert (parent.title, parent.signed_by) == ("@1", "Cat Lab (Provider)")


def test_an_altered_parent_is_named_as_such(history, lab, provider, tmp_path):
    data = bytearray(provider_signed(picture(1), provider))
    data[-20] ^= 1
    edit = draw(history, picture(2), bytes(data))
    signed = credentials_of(edit.save(tmp_path / "cat.png", sign=lab.certificate).read_bytes())
    assert signed.ingredients[0].state == "altered"


def test_a_parents_credentials_that_changed_since_are_seen(chain):
    # The first manifest in the store is the parent's.
    at = chain.index(b"gpt-4o-image via", chain.index(b"c2pa.actions.v2"))
    signed = credentials_of(chain[:at] + b"dpt" + chain[at + 3 :])
    assert not signed.intact
    assert signed.ingredients[0].state == "tampered"


def test_a_drawing_that_names_itself_and_many_that_share(history, lab, tmp_path):
    first = draw(history, picture(1))
    chain = [first]
    for seed in range(2, 14):
        # Each comes from the two before: as a tree it would be hundreds.
        chain.append(draw(history, picture(seed), *chain[-2:]))
    path = chain[-1].save(tmp_path / "cat.png", sign=lab.certificate)
    assert credentials_of(path.read_bytes()).intact
    assert path.read_bytes().count(b"c2pa.claim.v2") < 100
    itself = draw(history, picture(99), first)
    info = itself.record.pictures[0]
    own = ReferenceInfo(sha256=info.sha256, media_type=info.media_type, drawing=itself.id)
    itself.record = history.store.append(msgspec.structs.replace(itself.record, references=(own,)))
    itself.save(tmp_path / "itself.png", sign=lab.certificate)


def test_without_provenance_the_prompt_stays_here(history, lab, tmp_path):
    edit = draw(history, picture(2), draw(history, picture(1)))
    data = edit.save(tmp_path / "a.png", sign=lab.certificate, provenance=False).read_bytes()
    assert credentials_of(data).intact
    assert "画只猫".encode() not in data
    data = edit.save(tmp_path / "b.png", sign=lab.certificate).read_bytes()
    assert "画只猫".encode() in data


def test_a_missing_parent_is_no_chain(history, lab, tmp_path):
    first = draw(history, picture(1))
    edit = draw(history, picture(2), first)
    first.pictures[0].path.unlink()
    with pytest.raises(HistoryError):
        edit.save(tmp_path / "cat.png", sign=lab.certificate)
    assert not (tmp_path / "cat.png").exists()


def test_other_formats_are_not_signed(history, lab, tmp_path):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    with pytest.raises(OptionError, match=r"svg.* cannot be signed"):
        draw(history, svg).save(tmp_path / "cat.svg", sign=lab.certificate)


# The certificate and its key


def test_the_keys_content_is_never_shown(history, lab, tmp_path, caplog, capfd):
    key = lab.key.read_text()
    secrets = [line for line in key.splitlines() if not line.startswith("-----")]
    passphrase = " ".join(["hush"] * 2)
    said = [repr(lab.certificate), str(vars(lab.certificate))]
    broken = tmp_path / "broken.pem"
    broken.write_text(key.replace(secrets[1][:8], "////////"))
    other = Lab(tmp_path / "other")
    attempts = [
        lambda: Certificate(lab.chain, key),
        lambda: Certificate(lab.chain, key.encode()),
        lambda: Certificate(lab.chain, lab.key, passphrase=passphrase),
        lambda: Certificate(lab.chain, broken).signer(),
        lambda: Certificate(lab.key, lab.key).signer(),
        lambda: Certificate(lab.chain, other.key).signer(),
        lambda: Certificate(lab.chain, tmp_path / "nowhere.pem").signer(),
        lambda: Nbext(certificate_key_file=key),
        lambda: draw(history, picture()).save(tmp_path / "cat.png", sign=key),
    ]
    for attempt in attempts:
        with pytest.raises((OptionError, SettingsError)) as error:
            attempt()
        said += [str(error.value), "".join(traceback.format_exception(error.value))]
    draw(history, picture()).save(tmp_path / "cat.png", sign=lab.certificate)
    said += [caplog.text, *capfd.readouterr()]
    said += [
        p.read_bytes().decode("latin-1")
        for p in (*(tmp_path / "cats.draws").rglob("*"), tmp_path / "cat.png")
        if p.is_file()
    ]
    for secret in [*secrets, passphrase]:
        assert not any(secret in text for text in said)


def test_a_key_with_a_passphrase_asks(history, lab, tmp_path):
    locked = tmp_path / "locked.pem"
    locked.write_bytes(pem(lab.private, serialization.BestAvailableEncryption(b"hush")))
    with pytest.raises(OptionError, match=r"passphrase=getpass\.getpass"):
        Certificate(lab.chain, locked).signer()
    with pytest.raises(OptionError, match="the passphrase is wrong"):
        Certificate(lab.chain, locked, passphrase=lambda: "wrong").signer()
    asked = []
    certificate = Certificate(lab.chain, locked, passphrase=lambda: asked.append(1) or "hush")
    edit = draw(history, picture(2), draw(history, picture(1)))
    assert credentials_of(edit.save(tmp_path / "cat.png", sign=certificate).read_bytes()).intact
    assert len(asked) == 1


def test_one_file_may_hold_both(history, lab, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(lab.key.read_bytes() + lab.chain.read_bytes())
    path = draw(history, picture()).save(tmp_path / "cat.png", sign=Certificate(both, both))
    assert credentials_of(path.read_bytes(), trust=lab.authority).trusted
    secret = lab.private.private_numbers().private_value.to_bytes(32, "big")
    assert secret not in path.read_bytes()


def test_a_certificate_of_another_time_does_not_sign(history, tmp_path):
    past = Lab(tmp_path / "past", days=(-10, -5))
    with pytest.raises(OptionError, match="not today"):
        draw(history, picture()).save(tmp_path / "cat.png", sign=past.certificate)


def test_a_certificate_that_has_ended_since_is_said(history, tmp_path):
    drawing = draw(history, picture())
    for seconds in (2, 8, 30):
        brief = Lab(tmp_path / f"brief-{seconds}", days=(-1, seconds / 86400))
        try:
            path = drawing.save(tmp_path / "cat.png", sign=brief.certificate)
        except OptionError:  # a busy machine had not signed when it ended
            continue
        break
    data = path.read_bytes()
    until(lambda: not credentials_of(data).intact)
    assert credentials_of(data).state == "expired"
    assert credentials_of(data[:-20] + b"!" + data[-19:]).state == "altered"


def test_the_settings_name_the_files(history, lab, tmp_path):
    class Session:
        settings = Nbext(certificate=str(lab.chain), certificate_key_file=str(lab.key))
        beside = tmp_path

    with pytest.raises(OptionError, match=r"Nbext\.certificate"):
        draw(history, picture()).save(tmp_path / "cat.png", sign=True)
    history.session = Session()
    path = draw(history, picture()).save(tmp_path / "cat.png", sign=True)
    assert credentials_of(path.read_bytes()).intact


# Where it is shown


def test_it_stands_where_a_picture_is_looked_at(history, provider, lab, tmp_path, capsys):
    from IPython.lib.pretty import pretty

    from nbext.panel.result import details

    drawing = draw(history, provider_signed(picture(1), provider))
    draw(history, picture(2))
    line = drawing.credentials().line()
    # Its provider's signature holds, and a file beside it says the prompt.
    read = nbext.read(drawing.save(tmp_path / "received.png"))
    assert (read.prompt, read.credentials.line()) == ("画只猫", line)
    assert ("Content Credentials", line) in details(drawing)
    assert not any(name == "Content Credentials" for name, _ in details(history[2]))
    assert history.verify().credentials == []
    assert f"  credentials: @1: {line}" in repr(history.verify(credentials=True)).splitlines()
    path = drawing.save(tmp_path / "cat.png", sign=lab.certificate)
    assert pretty(nbext.read(path)).splitlines()[-1].startswith("  from @1 as received (parentOf)")
    assert "signed by Cat Lab (Ada)" in pretty(credentials_of(path.read_bytes()))
    assert summary(path.read_bytes()).startswith("signed by Cat Lab (Ada)")
    assert summary(picture()) == ""
    assert main.main(["verify", str(tmp_path / "cats.draws"), "--credentials"]) == 0
    assert line in capsys.readouterr().out
    assert main.main(["read", str(path), "--trust", str(lab.authority)]) == 0
    said = capsys.readouterr().out
    assert "  prompt: 画只猫" in said.splitlines()
    assert "trusted according to your list" in said
    assert main.main(["read", str(path), "--trust", str(provider.authority)]) == 1
    broken = bytearray(path.read_bytes())
    broken[-20] ^= 1
    path.write_bytes(broken)
    assert main.main(["read", str(path)]) == 1
    assert "ALTERED" in capsys.readouterr().out


def test_a_signed_picture_without_a_note_is_read(provider, tmp_path):
    (tmp_path / "cat.png").write_bytes(provider_signed(picture(), provider))
    made = nbext.read(tmp_path / "cat.png")
    assert (made.prompt, made.tool) == ("", "Provider 5")
    assert made.credentials.intact


# Where there is nothing, or only something broken


def test_absence_proves_nothing(history):
    none = draw(history, picture()).credentials()
    assert not none
    assert "proves nothing" in str(none)


def test_without_the_extra(monkeypatch, history, provider, lab, tmp_path):
    drawing = draw(history, provider_signed(picture(1), provider))
    real = builtins.__import__

    def without(name, *rest, **named):
        if name == "c2pa":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(OptionError, match=r'pip install "nbext\[c2pa\]"'):
        drawing.credentials()
    with pytest.raises(OptionError, match=r'pip install "nbext\[c2pa\]"'):
        drawing.save(tmp_path / "cat.png", sign=lab.certificate)
    said = nbext.read(drawing.pictures[0]).credentials
    assert said.state == "unread"
    assert 'pip install "nbext[c2pa]"' in said.line()
    # Where there are none, nothing is needed to say so.
    assert not draw(history, picture()).credentials()


def test_importing_nbext_does_not_load_the_library():
    code = "import sys, nbext; nbext.Drawing, nbext.read; print([m for m in ('c2pa', 'cryptography') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_note_cannot_vouch_for_itself(tmp_path):
    own = json.dumps({"prompt": "cat", "tool": "nbext", "credentials": {"state": "intact"}})
    (tmp_path / "cat.png").write_bytes(
        splice(picture(), texts={"nbext": own}, comment="", xmp="<x/>")
    )
    made = nbext.read(tmp_path / "cat.png")
    assert made.prompt == "cat"
    assert made.credentials.state == "none"


class Asked(http.server.BaseHTTPRequestHandler):
    paths: list[str] = []

    def do_GET(self):
        self.paths.append(self.path)
        self.send_error(404)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def elsewhere():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked) as server:
        Asked.paths.clear()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/manifest.c2pa"
        server.shutdown()
        thread.join()


def pointing(data, url):
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'dcterms:provenance="{url}"/></rdf:RDF></x:xmpmeta>'
    )
    return splice(data, texts={}, comment="", xmp=xmp)


def test_no_host_is_asked(elsewhere, history, lab, tmp_path):
    data = pointing(picture(), elsewhere)
    # The same settings, used directly: the library does not go there either.
    with pytest.raises(c2pa.C2paError, match="remote"):
        c2pa.Reader("image/png", io.BytesIO(data), context=reading.context())
    assert credentials_of(data).state == "none"
    edit = draw(history, picture(2), data)
    with contextlib.suppress(PictureError):
        edit.save(tmp_path / "cat.png", sign=lab.certificate)
    assert Asked.paths == []


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def holding(store):
    """Put a manifest store into a picture."""
    data = picture()
    return data[:33] + chunk(b"caBX", store) + data[33:]


def box(kind, body):
    return struct.pack(">I", len(body) + 8) + kind + body


def describing(kind, label):
    return box(b"jumd", kind + bytes.fromhex("00110010800000aa00389b71") + b"\x03" + label + b"\0")


def nested(levels):
    inner, outer = describing(b"c2ma", b"urn:c2pa:1"), describing(b"c2pa", b"c2pa")
    size, heads = 0, []
    for _ in range(levels):
        size += 8 + len(inner)
        heads.append(struct.pack(">I", size) + b"jumb" + inner)
    return box(b"jumb", outer + b"".join(reversed(heads)))


def claim(cbor):
    manifest = describing(b"c2ma", b"urn:c2pa:1") + box(
        b"jumb", describing(b"c2cl", b"c2pa.claim.v2") + box(b"cbor", cbor)
    )
    return box(b"jumb", describing(b"c2pa", b"c2pa") + box(b"jumb", manifest))


@pytest.mark.parametrize(
    "store",
    [
        b"",
        b"jumb",
        bytes(20_000_000),
        nested(100),
        nested(100_000),
        claim(b"\x81" * 1_000_000 + b"\0"),
        claim(b"\x9b\x00\x00\x00\x7f\xff\xff\xff\xff"),
        claim(b"\x5b\x00\x00\x00\x7f\xff\xff\xff\xff"),
        struct.pack(">I", 1) + b"jumb" + struct.pack(">Q", 1 << 60) + bytes(100),
    ],
    ids=["empty", "word", "huge", "deep", "deeper", "cbor", "array", "string", "length"],
)
def test_hostile_manifests_are_errors(store):
    with pytest.raises(PictureError, match="cannot be read"):
        credentials_of(holding(store))
    assert look(holding(store)).state == "unreadable"


@pytest.fixture(scope="module")
def chain(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")
    history = History(Store(folder / "cats.draws"))
    edit = draw(history, picture(2), draw(history, picture(1)))
    return edit.save(folder / "cat.png", sign=lab.certificate).read_bytes()


def test_cut_and_changed_manifests_are_never_worse_than_an_error(chain):
    random_ = random.Random(7)
    start = chain.index(b"caBX") + 4
    (size,) = struct.unpack(">I", chain[start - 8 : start - 4])
    states = set()
    for turn in range(600):
        store = bytearray(chain[start : start + size])
        if turn % 3 == 0:
            del store[random_.randrange(size) :]
        for _ in range(random_.randrange(1, 6)):
            if store:
                store[random_.randrange(len(store))] = random_.choice((0, 0x9F, 255, turn & 255))
        states.add(look(holding(bytes(store))).state)
        for text in str(look(chain[: random_.randrange(len(chain))])).splitlines():
            assert text.isprintable()
    assert "unreadable" in states
    assert "intact" not in states, "another picture's manifest fits no other"


def test_what_a_stranger_signs_is_shown_safely(provider):
    agent = "Evil\x1b[2J\nsigned by God" + "x" * 5000
    said = str(credentials_of(provider_signed(picture(), provider, agent=agent)))
    assert "\x1b" not in said
    assert not any(line.startswith("signed by God") for line in said.splitlines())
    assert max(map(len, said.splitlines())) < 1000


def test_nothing_is_left_open(chain):
    for _ in range(20):
        credentials_of(chain)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(50):
        credentials_of(chain)
    gc.collect()
    assert len(gc.get_objects()) - before < 500


def test_what_has_no_place_for_them_has_none():
    for data in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", picture(form="PNG")[:40]):
        assert not has_c2pa(data)
        assert credentials_of(data).state == "none"
    assert Reference.of(picture()).info.media_type == "image/png"


def test_a_claim_carries_the_manifest_of_the_history(history, lab, tmp_path):
    path = draw(history, picture()).save(tmp_path / "cat.png", sign=lab.certificate)
    assert history.manifest.encode() in path.read_bytes()
    assert history.verify(manifest=history.manifest).ok
