// Folders and files that are gone when this process is.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = mkdtempSync(join(tmpdir(), "grantscope-interop-"));

/** Called when no process that could write there is left. */
export function removeAll() {
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** A new folder with these files, by name. */
export function folder(files = {}) {
  const path = mkdtempSync(join(root, "folder-"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(path, name), text);
  }
  return path;
}
