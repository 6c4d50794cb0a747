package dev.outboard.integration.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.GuestMemory;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.vhost.VhostUserFrontend;
import dev.outboard.integration.RunningDaemon;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the doctor says that guests cost, against a daemon with guests whose VMM sends everything
 * that a VMM may leave with us.
 */
class GuestCostTest {
  private static final int GUESTS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private final List<VhostUserGuest> guests = new ArrayList<>();
  private final List<Integer> ours = new ArrayList<>();

  @AfterEach
  void end() {
    guests.forEach(VhostUserGuest::close);
    ours.forEach(FileDescriptors::close);
  }

  @Test
  void aGuestTakesWhatTheDoctorCounts() throws Exception {
    try (RunningDaemon daemon = daemon("isolation: shared");
        ApiClient api = new ApiClient(daemon.socket())) {
      attach(api, 0);
      Held before = Held.by(daemon);
      for (int n = 1; n <= GUESTS; n++) {
        attach(api, n);
      }
      GuestCost cost = GuestCost.of(1, false, false);
      Held after = Held.by(daemon);
      assertEquals(
          List.of(GUESTS * cost.descriptors(), GUESTS * cost.mappings()),
          List.of(after.descriptors - before.descriptors, after.guestMemory - before.guestMemory));
    }
  }

  @Test
  void aDaemonAndItsWorkersTakeNoMoreThanTheDoctorCounts() throws Exception {
    try (RunningDaemon daemon = daemon("isolation: thread-per-vm");
        ApiClient api = new ApiClient(daemon.socket())) {
      attach(api, 0);
      Held before = Held.by(daemon);
      assertTrue(before.descriptors < Need.DAEMON_DESCRIPTORS, before.toString());
      assertTrue(before.mappings < Need.DAEMON_MAPPINGS, before.toString());
      assertTrue(before.threads < Need.DAEMON_THREADS, before.toString());
      for (int n = 1; n <= GUESTS; n++) {
        attach(api, n);
      }
      Held after = Held.by(daemon);
      GuestCost cost = GuestCost.of(1, false, false);
      int descriptors = GUESTS * (cost.descriptors() + Need.WORKER_DESCRIPTORS);
      int mappings = GUESTS * (cost.mappings() + Need.WORKER_MAPPINGS);
      assertTrue(after.descriptors <= before.descriptors + descriptors, before + ", " + after);
      assertTrue(after.mappings <= before.mappings + mappings, before + ", " + after);
      assertTrue(
          after.threads > before.threads && after.threads <= Need.DAEMON_THREADS + GUESTS,
          before + ", " + after);
    }
  }

  private RunningDaemon daemon(String config) throws IOException {
    Path file = Files.writeString(directory.resolve("c.yaml"), config + "\n");
    return new RunningDaemon(directory, "--config", file.toString());
  }

  private void attach(ApiClient api, int n) throws IOException, UserException {
    api.call("PUT", "/guests/g" + n, "{}");
    GuestOptions options =
        GuestOptions.DEFAULT.withMemory(new GuestMemory.Options(2, false, true)).withInflight();
    VhostUserFrontend frontend =
        VhostUserFrontend.connect(directory.resolve("guests/g" + n + ".sock"), PATIENCE);
    VhostUserGuest guest = VhostUserGuest.start("g" + n, options, frontend);
    guests.add(guest);
    for (int ring = 0; ring < 2; ring++) {
      frontend.setVringErr(ring, eventFd());
    }
    int[] requests = UnixSocket.pair();
    ours.add(requests[0]);
    ours.add(requests[1]);
    frontend.setBackendReqFd(requests[0]);
  }

  private int eventFd() throws IOException {
    int fd = EventFd.create();
    ours.add(fd);
    return fd;
  }

  /** What a process holds. */
  private record Held(int descriptors, int mappings, int guestMemory, int threads) {
    static Held by(RunningDaemon daemon) throws IOException {
      Path process = Path.of("/proc", Long.toString(daemon.handle().pid()));
      List<String> maps = Files.readAllLines(process.resolve("maps"));
      return new Held(
          count(process.resolve("fd")),
          maps.size(),
          (int) maps.stream().filter(line -> line.contains("/memfd:")).count(),
          count(process.resolve("task")));
    }

    private static int count(Path directory) throws IOException {
      try (Stream<Path> entries = Files.list(directory)) {
        return (int) entries.count();
      }
    }
  }
}
