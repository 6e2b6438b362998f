// Certificates made with openssl, in a folder that is gone when this process is.

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { folder } from "./temporary.mjs";

const CONFIG = "[req]\ndistinguished_name = dn\n[dn]\n";
const ELLIPTIC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
export const RSA = ["-newkey", "rsa:2048"];

/** An authority of its own. `issue` makes certificates that it vouches for. */
export function authority(name) {
  const own = made({ subject: `/CN=${name}`, extensions: ["basicConstraints=critical,CA:TRUE"] });
  const signing = ["-CA", own.files.certificate, "-CAkey", own.files.key];
  return { ...own, issue: (wanted) => made({ ...wanted, signing }) };
}

/** A certificate that only its own key vouches for. */
export function selfSigned(subject, key) {
  return made({ subject, key });
}

/** `pem` is certificate and key, `files` are their paths, `secrets` are the lines of the key. */
function made({ subject, extensions = ["basicConstraints=CA:FALSE"], key = ELLIPTIC, signing = [] }) {
  const path = folder({ "openssl.cnf": CONFIG });
  const at = (name) => join(path, name);
  const files = { certificate: at("certificate.pem"), key: at("key.pem"), both: at("both.pem") };
  const out = ["-nodes", "-keyout", files.key, "-out", files.certificate];
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  const request = ["req", "-x509", "-config", at("openssl.cnf"), "-days", "2", "-subj", subject];
  openssl(...request, ...key, ...out, ...added, ...signing);
  const [certificate, privateKey] = [files.certificate, files.key].map((file) => readFileSync(file, "utf8"));
  const secrets = privateKey.split("\n").filter((line) => line && !line.startsWith("-----"));
  const pem = certificate + privateKey;
  writeFileSync(files.both, pem);
  return { certificate, key: privateKey, pem, files, secrets };
}

/** The same key behind a password. */
export function encrypted(key) {
  return openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:of the case");
}

function openssl(...args) {
  return execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The subject as registered at servers: the last part first (RFC 4514 section 2.1). */
export function subjectOf(certificate) {
  return new X509Certificate(certificate).subject.split("\n").reverse().join(",");
}

/** What a token is bound to (RFC 8705 section 3.1). */
export function thumbprint(certificate) {
  return Buffer.from(new X509Certificate(certificate).fingerprint256.replaceAll(":", ""), "hex").toString("base64url");
}
