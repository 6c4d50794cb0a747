package dev.outboard.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running Linux guest and its console. Tests talk to guests over the console, never over the
 * network under test: so a test can see what a guest sees while its network is broken. One thread
 * at a time may run commands; booting goes on in the background until {@link #awaitReady}.
 */
public abstract class LinuxGuest implements AutoCloseable {
  private static final String MARK = "@@lab ";
  private static final String END = "@@end of console";
  private static final int CONSOLE_LINE_LIMIT = 4000;

  private final GuestConfig config;
  private final Process process;
  private final Thread reader;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private long startNanos = System.nanoTime();
  private String mac;
  private Duration bootTime;
  private int number;

  /** What a command in a guest gave. */
  public record Result(int exit, String output) {
    /** The output, where the command succeeded; an exception that shows all of it otherwise. */
    public String ok() {
      if (exit != 0) {
        throw new IllegalStateException("the command ended with " + exit + ":\n" + output);
      }
      return output;
    }
  }

  /** Starts the VMM; its standard input and output must be the guest's console. */
  protected LinuxGuest(GuestConfig config, List<String> command, Map<String, String> environment) {
    this.config = config;
    process = Processes.start(command, environment);
    reader = Thread.ofPlatform().name(config.name() + "-console").daemon().start(this::readConsole);
  }

  public final GuestConfig config() {
    return config;
  }

  /** The guest's own idea of its MAC address. */
  public final String mac() {
    awaitReady();
    return mac;
  }

  /** From the start of the VMM, or of a reboot, to the first command it could take. */
  public final Duration bootTime() {
    awaitReady();
    return bootTime;
  }

  public final boolean isAlive() {
    return process.isAlive();
  }

  /** The process started for this guest: the VMM, or its wrapper with the VMM below it. */
  public final ProcessHandle process() {
    return process.toHandle();
  }

  /** Waits until the guest takes commands. */
  public final void awaitReady() {
    if (mac == null) {
      Result console = await("ready", Duration.ofSeconds(90));
      if (config.ip() != null && mac.isEmpty()) {
        throw new IllegalStateException(
            config.name() + " found no network device:\n" + console.output());
      }
    }
  }

  /** Runs a shell command line in the guest. */
  public final synchronized Result run(String command, Duration timeout) {
    if (command.indexOf('\n') >= 0 || command.length() > CONSOLE_LINE_LIMIT) {
      throw new IllegalArgumentException("not one line a terminal takes: " + command);
    }
    awaitReady();
    return await(send(command), timeout);
  }

  private String send(String command) {
    String id = Integer.toString(++number);
    try {
      OutputStream console = process.getOutputStream();
      console.write((id + " " + command + "\n").getBytes(StandardCharsets.UTF_8));
      console.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(config.name() + " is gone", e);
    }
    return id;
  }

  /** Runs a short command that must succeed, and returns its output. */
  public final String run(String command) {
    return run(command, Duration.ofSeconds(30)).ok();
  }

  /** Has a guest whose VMM goes on boot again, without a shutdown; returns when it is up. */
  public final synchronized void reboot() {
    awaitReady();
    mac = null;
    startNanos = System.nanoTime();
    send("reboot -f");
    awaitReady();
  }

  /** Unloads and loads the guest's network driver, and gives the device its address again. */
  public final void reloadDriver() {
    run(
        "rmmod virtio_net && insmod /lib/modules/$(uname -r)/virtio_net.ko"
            + " && until [ -e /sys/class/net/eth0 ]; do usleep 10000; done"
            + " && ip link set eth0 up && ip addr add "
            + config.ip()
            + " dev eth0");
  }

  /** Leaves a command running in the guest, its output in the guest's file {@code log}. */
  public final void background(String command, String log) {
    run("(" + command + ") >" + log + " 2>&1 &");
  }

  /** Kills the VMM and returns when it is gone. */
  @Override
  public void close() {
    Processes.kill(process);
    try {
      reader.join(Duration.ofSeconds(10)); // the console ends with the last process behind it
    } catch (InterruptedException e) {
      throw Processes.interrupted(e);
    }
  }

  private synchronized Result await(String id, Duration timeout) {
    List<String> output = new ArrayList<>();
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      String line;
      try {
        line = lines.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        throw Processes.interrupted(e);
      }
      if (line == null || line.equals(END)) {
        String what = line == null ? " did not answer in " + timeout.toSeconds() + " s" : " died";
        throw new IllegalStateException(
            config.name() + what + "; its console:\n" + String.join("\n", output));
      }
      int mark = line.indexOf(MARK);
      if (mark < 0) {
        output.add(line);
        continue;
      }
      String[] words = line.substring(mark + MARK.length()).split(" ", -1);
      if (words[0].equals("ready") && mac == null) {
        mac = words[1];
        bootTime = Duration.ofNanos(System.nanoTime() - startNanos);
      }
      if (words[0].equals(id)) {
        if (!output.isEmpty() && output.getLast().isEmpty()) {
          output.removeLast(); // the mark begins with a newline, needed or not
        }
        int exit = id.equals("ready") ? 0 : Integer.parseInt(words[1]);
        return new Result(exit, String.join("\n", output));
      }
      output.clear(); // all this belonged to a command that an earlier caller gave up on
    }
  }

  private void readConsole() {
    try (BufferedReader console = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = console.readLine(); line != null; line = console.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("console: " + e.getMessage());
    }
    lines.add(END);
  }
}
