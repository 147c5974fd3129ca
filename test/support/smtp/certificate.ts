/** A certificate of nobody's, for localhost and 127.0.0.1; its key is worth nothing elsewhere. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUZ8spfE8OXGD+/z82f+H4r/wMhVkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMTUxNVoYDzIxMjYxMDI4
MTExNTE1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARyeQs9pbnt9Zc+9Z8OzD6KwKHlXUW4yRR9rBdV/svPUee6aIsr+k9v
BXAi7zUh+wRIutPzPrTylsiyILx11/Ipo28wbTAdBgNVHQ4EFgQUkUg8tdaqjBEf
EMDPLySjIv78qxcwHwYDVR0jBBgwFoAUkUg8tdaqjBEfEMDPLySjIv78qxcwGgYD
VR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
zj0EAwIDSAAwRQIhAPSiifbPrpCM93TBfkwTBF2iFvv+T3ZX1xISw6Or4cMLAiAV
iDR772ZjBmEnhrC+kueUJ+OTqP66BEsgt1oaOHUdqA==
-----END CERTIFICATE-----
`;

/** The key of the certificate. */
export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgua+NX2JNa9HxKp6V
IZ9LcMW3wt0j7jvbBHJw1q678nWhRANCAARyeQs9pbnt9Zc+9Z8OzD6KwKHlXUW4
yRR9rBdV/svPUee6aIsr+k9vBXAi7zUh+wRIutPzPrTylsiyILx11/Ip
-----END PRIVATE KEY-----
`;
