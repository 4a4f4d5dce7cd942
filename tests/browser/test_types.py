"""The types of gaopai.js under strict TypeScript."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.site import CLIENT
from tests.patience import PATIENCE
from tests.service import REPOSITORY

PAGE = """
import { connect, GaopaiError, type OtherFunction } from './gaopai.js';
const gaopai = connect('ws://127.0.0.1:8082', { wait: Infinity, heartbeat: 1000 });
const canvas = document.createElement('canvas');
gaopai.preview(0, canvas, {
  onError: (e) => e.message,
  onStale: (stale) => !stale,
  onFrame: ({ outlines }) => outlines.toFixed(),
});
const [picture] = await gaopai.captureBase64(0);
if (picture?.handle) await gaopai.processImage({ handle: picture.handle, rotate: 90 });
if (picture?.corners) {
  picture.corners[0][0] -= 12;
  await gaopai.processImage({ handle: picture.handle ?? '', corners: picture.corners });
}
const merged = await gaopai.merge({ paths: ['a'], onProgress: (done, total) => done / total });
const blob: Blob = await gaopai.getFile(merged.path, { resume: true });
gaopai.addEventListener('stale', ({ detail }) => detail.stale);
try {
  await gaopai.call('Heartbeat');
  await gaopai.call('NewFunction' as OtherFunction, { anything: 1 });
  // @ts-expect-error (no such function)
  await gaopai.call('OpenCamra');
} catch (e) {
  if (e instanceof GaopaiError) console.log(e.code, blob.size);
}
"""
SAME = """
import type * as code from './code/gaopai.js';
import type * as declared from './declared/gaopai.js';
type Members<T> = { [K in keyof T]: T[K] };
type Of<T extends abstract new (...given: any) => any> = Members<InstanceType<T>>;
declare const client: Of<typeof code.Gaopai>;
declare const error: Of<typeof code.GaopaiError>;
export const asDeclared: Of<typeof declared.Gaopai> = client;
export const errorAsDeclared: Omit<Of<typeof declared.GaopaiError>, 'name'> = error;
declare const functions: Pick<typeof code, 'connect' | 'diagnose'>;
export const diagnosing: (typeof declared)['diagnose'] = functions.diagnose;
type Undeclared<A, B> = Exclude<keyof A, keyof B>;
declare const undeclared: Undeclared<Of<typeof code.Gaopai>, Of<typeof declared.Gaopai>>;
declare const notExported: Undeclared<typeof declared, typeof code>;
export const none: [never, never] = [undeclared, notExported];
"""
COMPILER = shutil.which("tsc") or shutil.which("tsc", path=str(REPOSITORY / "node_modules/.bin"))
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="tsc is not installed: npm ci")
UNTYPED = "--allowJs --strictNullChecks false --noImplicitAny false --allowImportingTsExtensions"
OPTIONS = (
    "--noEmit --strict --noUncheckedIndexedAccess "
    "--target es2022 --module esnext --moduleResolution bundler --lib es2024,dom"
)


def compiled(folder: Path, name: str, *more: str) -> str:
    """Compile a file and return the complaints."""
    assert COMPILER is not None
    return subprocess.run(
        [COMPILER, *OPTIONS.split(), *more, name],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    ).stdout


@needs_compiler
def test_a_strict_page_compiles(tmp_path: Path) -> None:
    for types in CLIENT.glob("gaopai*.d.ts"):
        shutil.copy(types, tmp_path)
    (tmp_path / "page.ts").write_text(PAGE, encoding="utf-8")
    assert compiled(tmp_path, "page.ts") == ""


@needs_compiler
@pytest.mark.parametrize(
    ("code", "added", "complaint"),
    [
        ("", "", ""),
        ("  close() {", "  beep() {}\n  close() {", "is not assignable to type 'never'"),
        ("  close() {", "  shut() {", "Property 'close' is missing"),
        (
            "  captureBase64(devNum, options = {}) {",
            "  captureBase64(devNum, options) {\n    return 7;",
            "captureBase64",
        ),
    ],
)
def test_what_is_declared_is_what_is_there(tmp_path: Path, code: str, added: str, complaint: str) -> None:
    """The declarations are held against the code, which the compiler reads without them."""
    for folder in ("declared", "code"):
        (tmp_path / folder).mkdir()
    for types in CLIENT.glob("gaopai*.d.ts"):
        shutil.copy(types, tmp_path / "declared")
    for path in CLIENT.glob("*.js"):
        text = path.read_text(encoding="utf-8").replace("import('./gaopai", "import('../declared/gaopai")
        assert path.name != "gaopai.js" or code in text
        (tmp_path / "code" / path.name).write_text(text.replace(code, added, 1), encoding="utf-8")
    (tmp_path / "same.ts").write_text(SAME, encoding="utf-8")
    said = compiled(tmp_path, "same.ts", *UNTYPED.split())
    assert complaint in said if complaint else said == ""


def test_handlers_of_a_preview_get_a_typed_error() -> None:
    types = (CLIENT / "gaopai-preview.d.ts").read_text(encoding="utf-8")
    assert "onError?: (error: GaopaiError) => void;" in types
    assert "onError?: (error: unknown)" not in types
