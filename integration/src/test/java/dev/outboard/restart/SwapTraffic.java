package dev.outboard.restart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.outboard.integration.UserException;
import dev.outboard.integration.rest.ApiClient;
import dev.outboard.integration.wire.Json;
import dev.outboard.lab.LinuxGuest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Two Linux guests whose frames take two ways in turns, while they flow; on one host or on two,
 * with a step of each swap on all hosts before the next.
 */
final class SwapTraffic {
  /** Few enough for emulated guests to take them at once, so that none has to be dropped. */
  private static final int FRAMES_PER_SECOND = 500;

  private static final int FRAMES_ON_A_WAY = 100;

  private final String title;
  private final LinuxGuest one;
  private final LinuxGuest two;
  private final List<Path> hosts;
  private final String there;
  private final String back;

  /**
   * Two guests that reach each other.
   *
   * @param hosts API sockets, the one of the second guest's host last
   * @param there the body of a swap to the second way
   * @param back the body of one to the first
   */
  SwapTraffic(
      String title, LinuxGuest one, LinuxGuest two, List<Path> hosts, String there, String back) {
    this.title = title;
    this.one = one;
    this.two = two;
    this.hosts = hosts;
    this.there = there;
    this.back = back;
  }

  /** Numbered frames both ways: each arrives once. */
  void numbers(int swaps) throws Exception {
    List<NumberedFrames> both = List.of(new NumberedFrames(one, two), new NumberedFrames(two, one));
    long dropped = -dropped();
    for (NumberedFrames each : both) {
      each.start(FRAMES_PER_SECOND);
    }
    swap(swaps);
    long missing = 0;
    for (NumberedFrames each : both) {
      NumberedFrames.Counts counts = each.stop();
      System.out.println(title + ": " + counts);
      assertTrue(counts.came() > 0, counts.toString());
      assertEquals(0, counts.repeated(), counts.toString());
      missing += counts.missing();
    }
    dropped += dropped();
    System.out.println(title + ": frames dropped for a reason: " + dropped);
    assertTrue(missing <= dropped, missing + " are missing");
  }

  /** Random bytes again and again until all swaps are done; both ends make a sum of them. */
  void stream(int swaps) throws Exception {
    two.background("socat -u TCP-LISTEN:9000 STDOUT | md5sum", "/tmp/came");
    two.run("until grep -q :2328 /proc/net/tcp /proc/net/tcp6; do usleep 10000; done");
    one.run("rm -f /tmp/stop; dd if=/dev/urandom of=/tmp/data bs=64k count=8 2>/dev/null");
    one.run("[ -p /tmp/pipe ] || mkfifo /tmp/pipe");
    one.background("md5sum </tmp/pipe", "/tmp/sent");
    one.background(
        "while [ ! -e /tmp/stop ]; do cat /tmp/data; done | tee /tmp/pipe | socat -u STDIN TCP:"
            + two.config().address()
            + ":9000",
        "/tmp/log");
    swap(swaps);
    one.run("touch /tmp/stop; until grep -q . /tmp/sent; do usleep 10000; done");
    two.run("until grep -q . /tmp/came; do usleep 10000; done");
    String sent = one.run("cat /tmp/sent").strip();
    assertEquals(sent, two.run("cat /tmp/came").strip());
  }

  /** There and back in turns, frames flow for a while on each way. */
  private void swap(int times) throws Exception {
    swap(times, FRAMES_ON_A_WAY);
  }

  /** There and back in turns, so many frames at least are received on each way. */
  void swap(int times, int frames) throws Exception {
    Figures figures = new Figures();
    for (int i = 0; i < times; i++) {
      String path = "/swaps/s" + i;
      final long before = received();
      final long start = System.nanoTime();
      onAll("PUT", path, i % 2 == 0 ? there : back);
      onAll("PATCH", path, "{\"state\": \"committed\"}");
      figures.add("prepare and commit, over the API", System.nanoTime() - start);
      onAll("PATCH", path, "{\"state\": \"finished\"}");
      while (received() < before + frames) {
        Thread.sleep(5);
      }
    }
    figures.print(title);
    for (Path host : hosts) {
      assertEquals(0, Json.api().readTree(call(host, "GET", "/swaps", "")).size());
    }
  }

  private void onAll(String method, String path, String body) throws UserException {
    for (Path host : hosts) {
      String _ = call(host, method, path, body);
    }
  }

  private long received() throws IOException, UserException {
    String path = "/guests/" + two.config().name();
    JsonNode guest = Json.api().readTree(call(hosts.getLast(), "GET", path, ""));
    return guest.at("/counters/received_frames").asLong();
  }

  private long dropped() throws IOException, UserException {
    long dropped = 0;
    for (Path host : hosts) {
      JsonNode stats = Json.api().readTree(call(host, "GET", "/stats", ""));
      for (JsonNode guest : stats.path("guests")) {
        dropped += sum(guest.at("/counters/drops"));
      }
      for (JsonNode uplink : stats.path("uplinks")) {
        dropped += sum(uplink.path("drops"));
      }
    }
    return dropped;
  }

  private static long sum(JsonNode drops) {
    long sum = 0;
    for (JsonNode reason : drops) {
      sum += reason.asLong();
    }
    return sum;
  }

  private static String call(Path host, String method, String path, String body)
      throws UserException {
    try (ApiClient client = new ApiClient(host)) {
      return client.call(method, path, body);
    }
  }
}
