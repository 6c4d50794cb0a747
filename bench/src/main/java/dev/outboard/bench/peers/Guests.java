package dev.outboard.bench.peers;

import dev.outboard.guest.dpdk.TestpmdConsole;
import dev.outboard.guest.dpdk.TestpmdConsole.PortStats;
import dev.outboard.integration.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two guests in one {@code dpdk-testpmd}, the same for each peer: virtio-user ports that forward to
 * each other on a processor of their own, so that frames circulate through the peer.
 */
final class Guests implements AutoCloseable {
  private static final String BURSTS = "8";

  /** As many as that many bursts. */
  private static final int FRAMES = 256;

  /** The port that captured frames come from, behind the two. */
  private static final int CAPTURE_PORT = 2;

  private static final int DRAIN_MILLIS = 20;
  private static final int SETTLE_MILLIS = 60;

  private final ForeignProcess process;
  private final TestpmdConsole console;
  private final Path capture;

  Guests(String peer, List<Path> sockets, int cpu) throws UserException {
    List<String> devices = new ArrayList<>();
    List<String> application = new ArrayList<>();
    for (Path socket : sockets) {
      int i = devices.size();
      devices.add(
          "net_virtio_user%d,path=%s,queues=1,queue_size=1024,mac=%s".formatted(i, socket, mac(i)));
      application.add("--eth-peer=%d,%s".formatted(i, mac(1 - i)));
    }
    capture = sockets.getFirst().resolveSibling("frames.pcap");
    write(64);
    devices.add("net_pcap0,rx_pcap=" + capture);
    String name = "guests of " + peer;
    process =
        new ForeignProcess(
            name,
            Integer.toString(cpu),
            Map.of(),
            null,
            Testpmd.command(cpu, devices, application));
    console = Testpmd.console(name, process);
    between("0,1");
  }

  private void write(int size) throws UserException {
    try {
      Capture.write(capture, FRAMES, size);
    } catch (IOException e) {
      throw new UserException("can't write " + capture + ": " + e.getMessage(), e);
    }
  }

  private void between(String ports) {
    String _ = console.command("set portlist " + ports);
  }

  static String mac(int port) {
    return "02:00:00:00:00:0" + (port + 1);
  }

  /** Frames per second that came out of the peer, over so long. */
  double rate(Cell cell, long millis) throws UserException {
    try {
      drain();
      String _ = console.command("set txpkts " + cell.size());
      begin(cell);
      Pause.millis(SETTLE_MILLIS);
      List<PortStats> _ = console.stats();
      Pause.millis(millis);
      long rate = console.stats().stream().mapToLong(PortStats::rxRate).sum();
      String _ = console.command("stop");
      return rate;
    } catch (IllegalStateException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  /** What is still in rings from the turn before would go round, too. */
  private void drain() throws UserException {
    String _ = console.command("set fwd rxonly");
    String _ = console.command("start");
    Pause.millis(DRAIN_MILLIS);
    String _ = console.command("stop");
  }

  private void begin(Cell cell) throws UserException {
    String _ = console.command("set fwd io");
    String _ = console.command("set burst 32");
    switch (cell.shape()) {
      case LOOP -> {
        String _ = console.command("start tx_first " + BURSTS);
      }
      case ONE_WAY -> fromFirst(BURSTS);
      case TOUCHED -> fromCapture(cell.size());
      case ONE_FRAME -> {
        String _ = console.command("set burst 1");
        fromFirst("1");
      }
    }
  }

  /** Has each of the two ports send the captured frames; then they go round. */
  private void fromCapture(int size) throws UserException {
    write(size);
    String _ = console.command("set fwd csum");
    for (int port = 0; port < CAPTURE_PORT; port++) {
      // Stopped and started it reads the file anew.
      String _ = console.command("port stop " + CAPTURE_PORT);
      String _ = console.command("port start " + CAPTURE_PORT);
      between(CAPTURE_PORT + "," + port);
      String _ = console.command("start");
      Pause.millis(DRAIN_MILLIS);
      String _ = console.command("stop");
    }
    between("0,1");
    String _ = console.command("start");
  }

  private void fromFirst(String bursts) {
    between("0");
    String _ = console.command("start tx_first " + bursts);
    String _ = console.command("stop");
    between("0,1");
    String _ = console.command("start");
  }

  void resume() throws UserException {
    process.resume();
  }

  void pause() throws UserException {
    process.pause();
  }

  @Override
  public void close() {
    process.close();
  }
}
