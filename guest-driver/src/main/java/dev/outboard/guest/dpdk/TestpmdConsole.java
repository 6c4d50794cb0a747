package dev.outboard.guest.dpdk;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The prompt of a running interactive {@code dpdk-testpmd}: takes commands, gives what they print,
 * and reads its counters. It must have been started with {@code stdbuf -oL}, because its answers
 * leave through stdio, and with its errors joined to its output. One thread at a time.
 */
public final class TestpmdConsole {
  private static final String PROMPT = "testpmd> ";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern STATISTIC = Pattern.compile("([RT][Xx]-[a-z]+): +([0-9]+)");
  private static final Pattern EXTENDED = Pattern.compile("(?m)^(\\w+): ([0-9]+)");

  private final Process process;
  private final StringBuilder output = new StringBuilder();
  private boolean ended;

  /** The counters of a port since its start, and its rates since they were last asked for. */
  public record PortStats(
      long rxPackets,
      long rxMissed,
      long rxBytes,
      long rxErrors,
      long rxNoBuffer,
      long txPackets,
      long txErrors,
      long txBytes,
      long rxRate,
      long txRate) {}

  /**
   * Waits until it prompts.
   *
   * @throws IllegalStateException with what it said, if it ended instead
   */
  public TestpmdConsole(Process process) {
    this.process = process;
    Thread.ofPlatform().name("testpmd-output").daemon().start(this::read);
    String _ = answer(0);
  }

  /**
   * Gives a command and returns what it printed.
   *
   * @throws IllegalStateException if it ended, or does not prompt again
   */
  public synchronized String command(String command) {
    int from;
    synchronized (output) {
      from = output.length();
    }
    try {
      process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException("testpmd is gone", e);
    }
    return answer(from);
  }

  /** The statistics of each port. */
  public List<PortStats> stats() {
    List<PortStats> ports = new ArrayList<>();
    for (String port : command("show port stats all").split("NIC statistics for port", -1)) {
      Map<String, Long> values = new LinkedHashMap<>();
      Matcher matcher = STATISTIC.matcher(port);
      while (matcher.find()) {
        values.put(matcher.group(1), Long.valueOf(matcher.group(2)));
      }
      if (!values.isEmpty()) {
        ports.add(
            new PortStats(
                values.get("RX-packets"),
                values.get("RX-missed"),
                values.get("RX-bytes"),
                values.get("RX-errors"),
                values.get("RX-nombuf"),
                values.get("TX-packets"),
                values.get("TX-errors"),
                values.get("TX-bytes"),
                values.get("Rx-pps"),
                values.get("Tx-pps")));
      }
    }
    return ports;
  }

  /** The extended statistics of one port, by DPDK's names. */
  public Map<String, Long> extendedStats(int port) {
    Map<String, Long> values = new LinkedHashMap<>();
    Matcher matcher = EXTENDED.matcher(command("show port xstats " + port));
    while (matcher.find()) {
      values.put(matcher.group(1), Long.valueOf(matcher.group(2)));
    }
    return values;
  }

  private String answer(int from) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (output) {
      while (true) {
        int prompt = output.indexOf(PROMPT, from);
        if (prompt >= 0) {
          return output.substring(from, prompt);
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (ended || left <= 0) {
          throw new IllegalStateException(
              "testpmd " + (ended ? "ended" : "hangs") + ":\n" + output.substring(from));
        }
        try {
          output.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted", e);
        }
      }
    }
  }

  private void read() {
    char[] chunk = new char[4096];
    try (Reader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (int length = reader.read(chunk); length >= 0; length = reader.read(chunk)) {
        synchronized (output) {
          output.append(chunk, 0, length);
          output.notifyAll();
        }
      }
    } catch (IOException e) {
      // It was killed: its end says the same.
    }
    synchronized (output) {
      ended = true;
      output.notifyAll();
    }
  }
}
