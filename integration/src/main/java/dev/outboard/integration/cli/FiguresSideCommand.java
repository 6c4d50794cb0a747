package dev.outboard.integration.cli;

import dev.outboard.integration.UserException;
import dev.outboard.integration.figures.SideServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code outboard figures-side}: what {@code figures --hosts} starts on each of the machines. */
@Command(
    name = "figures-side",
    hidden = true,
    description = "One machine's part of 'figures --hosts', which starts it by ssh.",
    mixinStandardHelpOptions = true)
final class FiguresSideCommand implements Callable<Integer> {
  @Override
  public Integer call() throws UserException, IOException, InterruptedException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (SideServer server = new SideServer(Main.class)) {
      server.serve(in, out);
    }
    return 0;
  }
}
