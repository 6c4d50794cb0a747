package dev.outboard.restart;

import dev.outboard.lab.LinuxGuest;
import java.util.Arrays;
import java.util.List;

/**
 * Numbered frames from one Linux guest to another. The sender's kernel makes them (its pktgen) and
 * hands them to the network driver itself, with nothing between that could drop one: so it is known
 * exactly how many the driver took. It ends by itself when its link goes down. The receiver keeps
 * the number of each datagram that reaches a socket.
 */
final class NumberedFrames {
  private static final int FIRST_PORT = 20_000;

  /** With headers: the 16 bytes of UDP's payload are the number and what pktgen puts beside it. */
  private static final int FRAME_SIZE = 58;

  /** Sums up the numbers, which stand behind a word that is the same in all of them. */
  private static final String SUM_UP =
      "hexdump -v -e '16/1 \"%02x\" \"\\n\"' /tmp/numbers | cut -c 9-16 | awk"
          + " '{ key = \"n\" $1; all++; if (seen[key]++) next; once++;"
          + " if (key < last) early++; last = key } END { print once + 0, all - once, early + 0 }'";

  private final LinuxGuest from;
  private final LinuxGuest to;
  private long droppedByDriver;
  private long refused;
  private int port = FIRST_PORT;

  /**
   * What became of the frames of a run.
   *
   * @param taken by the sender's driver
   * @param came of those, each counted once
   * @param repeated what came more than once
   * @param refused by the receiver's socket, whose reader was too slow
   * @param late those before which a later one came
   */
  record Counts(long taken, long came, long repeated, long refused, long late) {
    long missing() {
      return taken - came - refused;
    }
  }

  NumberedFrames(LinuxGuest from, LinuxGuest to) {
    this.from = from;
    this.to = to;
    from.run("[ -e /proc/net/pktgen ] || insmod /lib/modules/$(uname -r)/pktgen.ko");
    from.run("[ -e /proc/net/pktgen/eth0 ] || echo add_device eth0 >/proc/net/pktgen/kpktgend_0");
    to.run("echo 64000000 >/proc/sys/net/core/rmem_default");
  }

  /** Lets them flow, until the link goes down or they are stopped. */
  void start(int framesPerSecond) {
    port++;
    to.background("exec socat -u -b 16 UDP4-RECV:" + port + " CREATE:/tmp/numbers", "/tmp/log");
    // It listens a moment after it was started.
    to.run("until grep -q :%04X /proc/net/udp; do usleep 10000; done".formatted(port));
    droppedByDriver = dropped();
    refused = refused();
    for (String setting :
        List.of(
            "count 0",
            "pkt_size " + FRAME_SIZE,
            "ratep " + framesPerSecond,
            "dst " + to.config().address(),
            "dst_mac " + to.mac(),
            "udp_dst_min " + port,
            "udp_dst_max " + port)) {
      from.run("echo " + setting + " >/proc/net/pktgen/eth0");
    }
    from.background("echo start >/proc/net/pktgen/pgctrl", "/tmp/pktgen");
  }

  /** Ends them, waits until no more come, and counts. */
  Counts stop() {
    from.run("echo stop >/proc/net/pktgen/pgctrl");
    from.run("until grep -q Result: /proc/net/pktgen/eth0; do usleep 10000; done");
    long taken = Long.parseLong(from.run("awk '/pkts-sofar/ { print $2 }' /proc/net/pktgen/eth0"));
    to.run(
        "size=0; until [ $size = $(wc -c </tmp/numbers) ]; do"
            + " size=$(wc -c </tmp/numbers); sleep 1; done; killall socat");
    String[] counts = to.run(SUM_UP).strip().split(" ", -1);
    long[] all = Arrays.stream(counts).mapToLong(Long::parseLong).toArray();
    taken -= dropped() - droppedByDriver;
    return new Counts(taken, all[0], all[1], refused() - refused, all[2]);
  }

  private long refused() {
    return Long.parseLong(
        to.run("awk '/^Udp:/ { n = $6 } END { print n }' /proc/net/snmp").strip());
  }

  private long dropped() {
    return Long.parseLong(from.run("cat /sys/class/net/eth0/statistics/tx_dropped").strip());
  }
}
