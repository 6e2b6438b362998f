// Runs every case and says how many passed.

import { warmUp } from "./lib/chromium.mjs";
import { runCases } from "./lib/suite.mjs";

import "./cases/oidc_provider.mjs";
import "./cases/oidc_provider_asked.mjs";
import "./cases/oidc_provider_assertions.mjs";
import "./cases/oidc_provider_ciba.mjs";
import "./cases/oidc_provider_device.mjs";
import "./cases/oidc_provider_fapi.mjs";
import "./cases/oidc_provider_front.mjs";
import "./cases/oidc_provider_grants.mjs";
import "./cases/oidc_provider_logout.mjs";
import "./cases/oidc_provider_mtls.mjs";
import "./cases/oidc_provider_nothing.mjs";
import "./cases/oidc_provider_tokens.mjs";
import "./cases/oidc_provider_open.mjs";
import "./cases/oidc_provider_protected.mjs";
import "./cases/openid_client.mjs";
import "./cases/openid_client_grants.mjs";
import "./cases/openid_client_keys.mjs";
import "./cases/openid_client_protected.mjs";
import "./cases/oauth4webapi.mjs";
import "./cases/authlib.mjs";
import "./cases/between.mjs";
import "./cases/jose.mjs";
import "./cases/chromium.mjs";
import "./cases/programs.mjs";
import "./cases/reports.mjs";
import "./cases/machine.mjs";
import "./cases/mcp_conformance.mjs";
import "./cases/mock.mjs";
import "./cases/mock_page.mjs";
import "./cases/canaille.mjs";
import "./cases/keycloak.mjs";
import "./cases/keycloak_fapi.mjs";
import "./cases/keycloak_logout.mjs";
import "./cases/keycloak_protected.mjs";
import "./cases/keycloak_refusals.mjs";
import "./cases/keycloak_step_up.mjs";

// While the first cases run, which need no browser.
warmUp();
const { passed, failed } = await runCases(process.argv[2] ?? "");
console.log(`interop: ${passed} passed, ${failed} failed`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
