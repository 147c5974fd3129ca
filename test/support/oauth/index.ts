import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  Events,
  type MutableRedirectUri,
  type MutableResponse,
  OAuth2Issuer,
  OAuth2Service,
  type TokenRequestIncomingMessage,
} from "oauth2-mock-server";

/** How the server behaves; tests change it as they go. */
export interface OAuthBehaviour {
  /** What it grants; all that was asked for unless said. Null leaves `scope` out of the answer. */
  granted?: string[] | null;
  /** What people answer at the page of consent, instead of giving it. */
  denial?: string;
  expiresIn: number | null;
  /** Whether each refresh token is good once, and brings the next. */
  rotates: boolean;
  identity: Record<string, unknown>;
  /** Takes over a request, by its path; answers false to leave it to the server. */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Waits before answering at the token endpoint, so that callers meet. */
  tokenDelayMs: number;
  /** Changes the answer of the token endpoint. */
  tokenAnswer?: (answer: MutableResponse, body: Record<string, string>) => void;
}

interface Consent {
  redirectUri: string;
  scopes: string[];
}

/** A request to the token endpoint, as it came. */
export interface TokenRequest {
  grantType: string;
  body: Record<string, string>;
  headers: IncomingMessage["headers"];
}

export const clientId = "ensemble-app";
export const clientSecret = "s3cret of the app";

/**
 * An OAuth server on loopback: oauth2-mock-server, made as strict as real ones are about who asks,
 * codes, redirect addresses and refresh tokens, and able to misbehave.
 */
export class OAuthServer {
  readonly tokenRequests: TokenRequest[] = [];
  readonly revoked: string[] = [];
  readonly identityTokens: string[] = [];
  behaviour: OAuthBehaviour = usual();
  private readonly issuer = new OAuth2Issuer();
  private readonly service = new OAuth2Service(this.issuer);
  private readonly sockets = new Set<Socket>();
  private readonly consents = new Map<string, Consent>();
  /** Refresh tokens that are good, with what they are for. */
  private readonly refreshTokens = new Map<string, string[]>();
  private readonly server = createServer((request, response) => this.answer(request, response));

  /** What a provider's row has to say to lead here. */
  get endpoints() {
    return {
      authorization_endpoint: `${this.issuer.url}/authorize`,
      token_endpoint: `${this.issuer.url}/token`,
      revocation_endpoint: `${this.issuer.url}/revoke`,
    };
  }

  get url(): string {
    return this.issuer.url ?? "";
  }

  async start(): Promise<this> {
    await this.issuer.keys.generate("RS256");
    this.service.on(Events.BeforeAuthorizeRedirect, (target: MutableRedirectUri, request) => {
      this.consent(target, new URL(request.url, this.issuer.url).searchParams);
    });
    this.service.on(Events.BeforeResponse, (answer: MutableResponse, request) => {
      this.grant(answer, request);
    });
    this.service.on(Events.BeforeUserinfo, (answer: MutableResponse, request) => {
      this.identityTokens.push(String(request.headers.authorization).replace("Bearer ", ""));
      answer.body = this.behaviour.identity;
    });
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.issuer.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** Does what a browser and a person do: goes to the page, consents, and is sent back. */
  async visit(authorizationUrl: string): Promise<URL> {
    const response = await fetch(authorizationUrl, { redirect: "manual" });
    return new URL(response.headers.get("location") ?? "about:blank");
  }

  /** A refresh token that is good, as if given earlier. */
  issueRefreshToken(scopes: string[] = []): string {
    const token = `refresh-${crypto.randomUUID()}`;
    this.refreshTokens.set(token, scopes);
    return token;
  }

  /** Forgets what a test did. */
  reset(): void {
    this.behaviour = usual();
    for (const list of [this.tokenRequests, this.revoked, this.identityTokens]) {
      list.length = 0;
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) {
      socket.destroy();
    }
    await new Promise((done) => this.server.close(done));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.behaviour.intercept?.(request, response)) {
      return;
    }
    const handle = () => this.service.requestHandler(request, response);
    if (request.url === "/revoke") {
      void text(request).then((body) => {
        this.revoked.push(new URLSearchParams(body).get("token") ?? "");
        response.writeHead(200).end();
      });
      return;
    }
    const waitMs = request.url === "/token" ? this.behaviour.tokenDelayMs : 0;
    waitMs > 0 ? setTimeout(handle, waitMs) : handle();
  }

  private consent({ url }: MutableRedirectUri, asked: URLSearchParams): void {
    const { denial } = this.behaviour;
    if (denial) {
      url.searchParams.delete("code");
      url.searchParams.set("error", denial);
      return;
    }
    this.consents.set(url.searchParams.get("code") ?? "", {
      redirectUri: asked.get("redirect_uri") ?? "",
      scopes: (asked.get("scope") ?? "").split(/[\s,]+/).filter(Boolean),
    });
  }

  private grant(answer: MutableResponse, request: TokenRequestIncomingMessage): void {
    const body = request.body as unknown as Record<string, string>;
    const { headers } = request;
    this.tokenRequests.push({ grantType: body.grant_type ?? "", body, headers });
    const scopes = isOurApp(body, headers) ? this.redeem(body) : "invalid_client";
    if (typeof scopes === "string") {
      answer.statusCode = scopes === "invalid_client" ? 401 : 400;
      answer.body = { error: scopes, error_description: `Refused: ${scopes}` };
      return;
    }
    const { granted, expiresIn, rotates, tokenAnswer } = this.behaviour;
    const given = granted === undefined ? scopes : granted;
    const isRefresh = body.grant_type === "refresh_token";
    answer.body = {
      access_token: `access-${crypto.randomUUID()}`,
      token_type: "Bearer",
      ...(expiresIn === null ? {} : { expires_in: expiresIn }),
      ...(given === null ? {} : { scope: given.join(" ") }),
      ...(isRefresh && !rotates ? {} : { refresh_token: this.issueRefreshToken(scopes) }),
    };
    tokenAnswer?.(answer, body);
  }

  /** The scopes that a code or a refresh token stands for, or the error word. */
  private redeem(body: Record<string, string>): string[] | string {
    if (body.grant_type === "refresh_token") {
      const token = body.refresh_token ?? "";
      const scopes = this.refreshTokens.get(token);
      if (this.behaviour.rotates) {
        this.refreshTokens.delete(token);
      }
      return scopes ?? "invalid_grant";
    }
    const consent = this.consents.get(body.code ?? "");
    this.consents.delete(body.code ?? "");
    return consent?.redirectUri === body.redirect_uri
      ? (consent?.scopes ?? "invalid_grant")
      : "invalid_grant";
  }
}

function usual(): OAuthBehaviour {
  return {
    expiresIn: 3600,
    rotates: true,
    tokenDelayMs: 0,
    identity: { sub: "account-1", email: "nora@provider.test" },
  };
}

/** Starts one. */
export function startOAuthServer(): Promise<OAuthServer> {
  return new OAuthServer().start();
}

function isOurApp(body: Record<string, string>, headers: IncomingMessage["headers"]): boolean {
  const [, pair] = /^Basic (.+)$/.exec(headers.authorization ?? "") ?? [];
  const [id, secret] = pair
    ? Buffer.from(pair, "base64")
        .toString()
        .split(":")
        .map((part) => decodeURIComponent(part.replaceAll("+", " ")))
    : [body.client_id, body.client_secret];
  return id === clientId && secret === clientSecret;
}

async function text(request: IncomingMessage): Promise<string> {
  let whole = "";
  for await (const piece of request.setEncoding("utf8")) {
    whole += piece;
  }
  return whole;
}
