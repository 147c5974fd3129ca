import type { Invitation } from "../../types/schemas.ts";
import { escapeHtml } from "../_shared/mail/escape-html.ts";
import type { Mail } from "../_shared/mail/mail.ts";
import { plainLine } from "../_shared/mail/plain-line.ts";

/** The names in an invitation, each one line. */
interface Names {
  inviter: string | null;
  organization: string;
  role: string;
  email: string;
  /** The last day it can be answered. */
  day: string;
}

interface Words {
  subject: (names: Names) => string;
  asked: (names: Names) => string;
  button: string;
  until: (names: Names) => string;
  ignore: string;
}

const languages: Record<"en" | "de", Words> = {
  en: {
    subject: ({ inviter, organization }) =>
      inviter ? `${inviter} invites you to ${organization}` : `You are invited to ${organization}`,
    asked: ({ inviter, organization, role }) =>
      `${inviter ?? "Somebody"} asks you to join ${organization} as ${role}.`,
    button: "See the invitation",
    until: ({ email, day }) =>
      `It holds until ${day}, for ${email} alone: sign in or sign up with that address.`,
    ignore: "If you did not expect this, there is nothing to do: without your yes nothing happens.",
  },
  de: {
    subject: ({ inviter, organization }) =>
      inviter
        ? `${inviter} lädt dich zu ${organization} ein`
        : `Du bist zu ${organization} eingeladen`,
    asked: ({ inviter, organization, role }) =>
      `${inviter ?? "Jemand"} bittet dich, als ${role} zu ${organization} zu kommen.`,
    button: "Einladung ansehen",
    until: ({ email, day }) =>
      `Sie gilt bis ${day} und nur für ${email}: Melde dich mit dieser Adresse an.`,
    ignore:
      "Wenn du sie nicht erwartet hast, brauchst du nichts zu tun: Ohne dein Ja geschieht nichts.",
  },
};

/** The mail of an invitation, in the reader's language where we speak it, else in English. */
export function invitationMail(invitation: Invitation, link: string, locale?: string | null): Mail {
  const language = languageOf(locale);
  const words = languages[language];
  const names: Names = {
    inviter: plainLine(invitation.invited_by_name ?? "") || null,
    organization: plainLine(invitation.organization_name),
    role: plainLine(invitation.role_name),
    email: invitation.email,
    day: new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" }).format(
      new Date(invitation.expires_at),
    ),
  };
  const [asked, until] = [words.asked(names), words.until(names)];

  return {
    to: invitation.email,
    subject: words.subject(names),
    text: `${asked}\n\n${words.button}:\n${link}\n\n${until}\n\n${words.ignore}\n`,
    html: `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; color: #222222">
<p>${escapeHtml(asked)}</p>
<p><a href="${escapeHtml(link)}" style="display: inline-block; padding: 10px 18px; border-radius: 6px; background: #1f5fbf; color: #ffffff; text-decoration: none">${escapeHtml(words.button)}</a></p>
<p>${escapeHtml(until)}</p>
<p style="color: #666666">${escapeHtml(words.ignore)}</p>
</body>
</html>
`,
  };
}

function languageOf(locale: string | null | undefined): keyof typeof languages {
  const language = locale?.toLowerCase().split(/[-_]/)[0];
  return language === "de" ? "de" : "en";
}
