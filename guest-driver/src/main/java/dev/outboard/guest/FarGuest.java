package dev.outboard.guest;

import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.Mapping;
import dev.outboard.linux.MemoryFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A plain process at the other end of a veth pair, which {@link FarGuestMain} is: in a network
 * namespace of its own, and killed by the kernel when we die. It is told by lines what to do; only
 * {@link Meter} is shared. Used by the thread that started it.
 */
final class FarGuest implements GuestDevice {
  private final Process process;
  private final PrintWriter in;
  private final BufferedReader out;
  private final Arena arena;
  private final Meter meter;
  private final int meterFd;

  private FarGuest(Process process, Arena arena, Meter meter, int meterFd) {
    this.process = process;
    this.arena = arena;
    this.meter = meter;
    this.meterFd = meterFd;
    in = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Starts it and waits until its network namespace is there; {@link #connect} comes next.
   *
   * @param network how to get there: the first words of its command
   */
  static FarGuest start(List<String> network, List<String> settings) throws IOException {
    Arena arena = Arena.ofShared();
    int fd = MemoryFile.create("meter", Meter.BYTES);
    FarGuest guest = null;
    try {
      Meter meter = new Meter(Mapping.map(fd, 0, Meter.BYTES, arena));
      List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
      command.addAll(network);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.add(FarGuestMain.class.getName());
      command.add("meter=/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
      command.addAll(settings);
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      guest = new FarGuest(builder.start(), arena, meter, fd);
      guest.expect("waiting");
      return guest;
    } catch (IOException | RuntimeException e) {
      if (guest != null) {
        guest.close();
      } else {
        FileDescriptors.close(fd);
        arena.close();
      }
      throw e;
    }
  }

  /** Its end of the veth pair is there. */
  void connect() throws IOException {
    in.println("connect");
    expect("ready");
  }

  /** Its process, which stands for its network namespace. */
  long pid() {
    return process.pid();
  }

  private String read() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IOException("the other process has ended");
    }
    return line;
  }

  private void expect(String word) throws IOException {
    String line = read();
    if (!line.equals(word)) {
      throw new IOException("the other process said '" + line + "', not '" + word + "'");
    }
  }

  /** Has it answer each request until the load ends; the echo then holds its counts. */
  LoadPeer answer(Echo echo, GuestPair.Idling idling) {
    FrameTemplate request = echo.requests().template();
    begin("answer", request, 1, idling);
    return new Running() {
      @Override
      void end(long[] counts) {
        echo.adopt(counts[0], Arrays.copyOfRange(counts, 1, counts.length));
      }
    };
  }

  /** Has it receive until the load ends; the check then holds its counts. */
  LoadPeer take(FrameCheck check, int burst, GuestPair.Idling idling) {
    begin("receive", check.template(), burst, idling);
    return new Running() {
      @Override
      void end(long[] counts) {
        check.adopt(Arrays.copyOfRange(counts, 1, counts.length));
      }
    };
  }

  private void begin(String what, FrameTemplate template, int burst, GuestPair.Idling idling) {
    meter.reset();
    in.println(
        String.format(
            Locale.ROOT,
            "%s kind=%s size=%d burst=%d idling=%s",
            what,
            KeyValues.name(template.kind()),
            template.length(),
            burst,
            KeyValues.name(idling)));
    try {
      expect("serving");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has it throw away what comes late; returns how many of our frames that were. */
  long drain() {
    in.println("drain");
    try {
      return Long.parseLong(read());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A load that it serves. */
  private abstract class Running implements LoadPeer {
    /** Takes over what it has counted. */
    abstract void end(long[] counts);

    @Override
    public long arrived() {
      return meter.arrived();
    }

    @Override
    public boolean hasFailed() {
      return !process.isAlive();
    }

    @Override
    public void join() {
      meter.stop();
      try {
        end(Arrays.stream(read().split(" ", -1)).mapToLong(Long::parseLong).toArray());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public int send(FrameTemplate template, long sequence, int count) {
    throw new UnsupportedOperationException("a far guest sends by itself");
  }

  /** Whatever comes there is received there. */
  @Override
  public int receive(FrameCheck check, int limit) {
    return 0;
  }

  @Override
  public void await(long timeoutNanos) {}

  @Override
  public int capacity(int length) {
    return Integer.MAX_VALUE;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    while (process.isAlive()) {
      try {
        int _ = process.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    FileDescriptors.close(meterFd);
    arena.close();
  }
}
