//! Rules for tokens of workloads (GitHub Actions, Kubernetes, SPIFFE) at a cloud that trusts their issuer: the cloud
//! compares an assertion with what its trust policy says (RFC 7523 section 3, RFC 8693 section 2.1).

super::rules! {
    ISSUER = "workload.issuer", Must, "RFC 7523" "3",
        "iss is the issuer that the policy trusts",
        "The cloud finds the policy and the keys by the issuer, and compares it character by character.",
        "Write the issuer into the policy exactly as the token has it, with or without its last slash.";
    SUBJECT = "workload.subject", Must, "RFC 7523" "3",
        "sub is the subject that the policy trusts",
        "The subject says which workload it is: repository and branch, service account, SPIFFE ID. It is compared character by character, upper and lower case included.",
        "Copy sub of the token into the policy. A GitHub job with an environment has the environment in the place of the branch.";
    AUDIENCE = "workload.audience", Must, "RFC 7523" "3",
        "aud is the audience that the policy asks for",
        "A token that was made for another service must not be taken here.",
        "Ask for the token with the audience of the policy, or write that of the token into the policy.";
    CLAIM = "workload.claim", Must, "RFC 7523" "3",
        "Every other claim is as the policy wants it",
        "All conditions of a policy have to hold together.",
        "Look at the claim in the token, and correct the condition or where the token comes from.";
    IN_FORCE = "workload.in_force", Must, "RFC 7523" "3",
        "The policy lets workloads in at all",
        "A provider that is disabled or deleted, and a role that no statement allows to be assumed by them, refuse every token, whatever is in it.",
        "Enable the provider, or add a statement that allows sts:AssumeRoleWithWebIdentity.";
    DENIED = "workload.denied", Must, "RFC 7523" "3",
        "No statement of the policy denies the workload",
        "A Deny is stronger than every Allow: where all its conditions hold, the token is refused.",
        "Narrow or remove the statement with Effect Deny, or come as another workload.";
    BROAD = "workload.broad", Should, "RFC 9700" "2.3",
        "The policy names one workload, not everybody at its issuer",
        "At an issuer for the public, a policy without a subject, or with one that begins with *, lets every customer of that issuer in.",
        "Name the organisation and the repository, the namespace and the service account.";
    MUTABLE = "workload.mutable", Advice, "RFC 9700" "2.3",
        "The subject cannot be taken over by somebody else",
        "A name of an organisation or a repository that is given up can be registered by others, who then have the same subject.",
        "Use the form of the subject with the numbers of owner and repository (repo:owner@1/name@2), or a condition on their ids.";
}
