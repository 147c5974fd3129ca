/** What is used of pdfkit, typed by hand: it comes without types. */
declare module "pdfkit" {
  export default class PdfDocument {
    constructor(options: { size: string; margin: number; autoFirstPage: boolean });
    pipe(stream: NodeJS.WritableStream): void;
    addPage(): this;
    font(name: string): this;
    fontSize(points: number): this;
    text(text: string): this;
    moveDown(lines?: number): this;
    end(): void;
  }
}
