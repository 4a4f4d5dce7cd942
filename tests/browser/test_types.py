"""The types of gaopai.js under strict TypeScript."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.site import CLIENT
from tests.patience import PATIENCE

PAGE = """
import { connect, GaopaiError } from './gaopai.js';
const gaopai = connect('ws://127.0.0.1:8082', { wait: Infinity, heartbeat: 1000 });
const canvas = document.createElement('canvas');
gaopai.preview(0, canvas, {
  onError: (e) => e.message,
  onStale: (stale) => !stale,
  onFrame: ({ outlines }) => outlines.toFixed(),
});
const [picture] = await gaopai.captureBase64(0);
if (picture?.handle) await gaopai.processImage({ handle: picture.handle, rotate: 90 });
const merged = await gaopai.merge({ paths: ['a'], onProgress: (done, total) => done / total });
const blob: Blob = await gaopai.getFile(merged.path, { resume: true });
gaopai.addEventListener('stale', ({ detail }) => detail.stale);
try {
  await gaopai.call('Heartbeat');
} catch (e) {
  if (e instanceof GaopaiError) console.log(e.code, blob.size);
}
"""
OPTIONS = "--noEmit --strict --target es2022 --module esnext --moduleResolution bundler --lib es2024,dom"


def test_a_strict_page_compiles(tmp_path: Path) -> None:
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("tsc, the compiler of TypeScript, is not installed")
    for types in CLIENT.glob("gaopai*.d.ts"):
        shutil.copy(types, tmp_path)
    (tmp_path / "page.ts").write_text(PAGE, encoding="utf-8")
    done = subprocess.run(
        [compiler, *OPTIONS.split(), "page.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0


def test_handlers_of_a_preview_get_a_typed_error() -> None:
    types = (CLIENT / "gaopai-preview.d.ts").read_text(encoding="utf-8")
    assert "onError?: (error: GaopaiError) => void;" in types
    assert "onError?: (error: unknown)" not in types
