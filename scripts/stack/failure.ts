/** Why the stack cannot start, in one line that says what to do. */
export class StackFailure extends Error {
  override name = "StackFailure";
}
