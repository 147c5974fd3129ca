import { anthropicCapabilities } from "./anthropic.ts";
import type { Capability } from "./capability.ts";
import { digitaloceanCapabilities } from "./digitalocean.ts";
import { discordCapabilities } from "./discord.ts";
import { githubCapabilities } from "./github.ts";
import { gmailCapabilities } from "./gmail.ts";
import { googleCalendarCapabilities } from "./google-calendar.ts";
import { googleDriveCapabilities } from "./google-drive.ts";
import { linearCapabilities } from "./linear.ts";
import { mailgunCapabilities } from "./mailgun.ts";
import { onedriveCapabilities } from "./microsoft-onedrive.ts";
import { outlookCapabilities } from "./microsoft-outlook.ts";
import { notionCapabilities } from "./notion.ts";
import { openaiCapabilities } from "./openai.ts";
import { pineconeCapabilities } from "./pinecone.ts";
import { sendgridCapabilities } from "./sendgrid.ts";
import { slackCapabilities } from "./slack.ts";
import { smtpCapabilities } from "./smtp.ts";
import { zepCapabilities } from "./zep.ts";

/** What each provider's file exports, in the order of their names. */
const providers: readonly (readonly Capability[])[] = [
  anthropicCapabilities,
  digitaloceanCapabilities,
  discordCapabilities,
  githubCapabilities,
  gmailCapabilities,
  googleCalendarCapabilities,
  googleDriveCapabilities,
  linearCapabilities,
  mailgunCapabilities,
  onedriveCapabilities,
  outlookCapabilities,
  notionCapabilities,
  openaiCapabilities,
  pineconeCapabilities,
  sendgridCapabilities,
  slackCapabilities,
  smtpCapabilities,
  zepCapabilities,
];

/** Every capability that can be executed, by its key. */
export const capabilities: Readonly<Record<string, Capability>> = Object.fromEntries(
  providers.flat().map((capability) => [capability.key, capability]),
);
