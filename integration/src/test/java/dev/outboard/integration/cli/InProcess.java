package dev.outboard.integration.cli;

import dev.outboard.integration.RunningDaemon.Outcome;
import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * Commands in this process, for tests of what they do. How they start and end as a process is
 * tested elsewhere; a Java machine of its own for each takes most of a second.
 */
public final class InProcess {
  private InProcess() {}

  /** Runs a command; what a user would have seen. */
  public static Outcome command(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        Main.commandLine(words).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = line.execute(words);
    return new Outcome(code, out.toString(), err.toString());
  }
}
