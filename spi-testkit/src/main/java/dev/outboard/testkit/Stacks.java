package dev.outboard.testkit;

/** Where a thread is that does not come back. */
final class Stacks {
  private static final int DEPTH = 6;

  private Stacks() {}

  static String top(Thread thread) {
    StringBuilder text = new StringBuilder();
    StackTraceElement[] stack = thread.getStackTrace();
    for (int i = 0; i < Math.min(DEPTH, stack.length); i++) {
      text.append(i == 0 ? "in " : " < ")
          .append(stack[i].getClassName())
          .append('.')
          .append(stack[i].getMethodName())
          .append(':')
          .append(stack[i].getLineNumber());
    }
    return text.toString();
  }
}
