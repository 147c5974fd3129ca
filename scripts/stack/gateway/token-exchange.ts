import { randomUUID } from "node:crypto";
import {
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";

/** Users' tokens in the two forms that the stack's parts read. */
export interface TokenExchange {
  /** The public keys under which functions verify tokens. */
  jwks: { keys: JWK[] };
  /** A user's token as functions want it: signed by a key with an id. Others pass unchanged. */
  forFunctions(token: string): Promise<string>;
  /** A token as REST, Auth and Storage want it: signed with the JWT secret. */
  forServices(token: string): Promise<string>;
  /** Whether it is a valid token of either form. */
  isValid(token: string): Promise<boolean>;
}

/**
 * lite signs with a shared secret and names no key; @supabase/server accepts only a key that the
 * JWKS names. The gateway signs again on the way to the functions and back. The key pair lives as
 * long as the process: nothing it signs outlives a request by more than the token's own term.
 */
export async function createTokenExchange(jwtSecret: string): Promise<TokenExchange> {
  const secret = new TextEncoder().encode(jwtSecret);
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const kid = randomUUID();
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
  const isOurs = (token: string) => decodeProtectedHeader(token).kid === kid;

  const exchange = async (token: string, toOurs: boolean): Promise<string> => {
    try {
      if (isOurs(token) === toOurs) return token;
      if (toOurs) {
        const { payload } = await jwtVerify(token, secret, { algorithms: ["HS256"] });
        return await new SignJWT(payload)
          .setProtectedHeader({ alg: "ES256", kid })
          .sign(privateKey);
      }
      const { payload } = await jwtVerify(token, publicKey, { algorithms: ["ES256"] });
      return await new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(secret);
    } catch {
      // Forged, expired or no token at all: whoever receives it says so in its own words.
      return token;
    }
  };

  return {
    jwks: { keys: [jwk] },
    forFunctions: (token) => exchange(token, true),
    forServices: (token) => exchange(token, false),
    isValid: (token) =>
      jwtVerify(token, (header) => (header.kid === kid ? publicKey : secret)).then(
        () => true,
        () => false,
      ),
  };
}
