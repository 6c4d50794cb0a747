package dev.outboard.packet.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The table of peers against a map, and with a reader beside the writer. */
class PeerTableTest {
  private record Key(long high, long low, int network) {}

  @Test
  void aLongRandomLifeIsThatOfAMap() {
    Random random = new Random(7);
    PeerTable table = new PeerTable();
    Map<Key, Integer> map = new HashMap<>();
    for (int i = 1; i < 200_000; i++) {
      Key key = new Key(random.nextInt(3), random.nextInt(200), random.nextInt(20) - 1);
      if (random.nextInt(3) == 0) {
        table.remove(key.high, key.low, key.network);
        map.remove(key);
      } else if (random.nextBoolean()) {
        table.put(key.high, key.low, key.network, i);
        map.put(key, i);
      }
      assertEquals(map.getOrDefault(key, 0), table.find(key.high, key.low, key.network));
    }
    for (long high = 0; high < 3; high++) {
      for (long low = 0; low < 200; low++) {
        for (int network = -1; network < 19; network++) {
          assertEquals(
              map.getOrDefault(new Key(high, low, network), 0), table.find(high, low, network));
        }
      }
    }
  }

  @Test
  void aReaderSeesEachStandingEntryWhileOthersComeAndGo() throws Exception {
    PeerTable table = new PeerTable();
    for (int i = 1; i <= 100; i++) {
      table.put(0, i, 5, i);
    }
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong wrong = new AtomicLong();
    AtomicLong looks = new AtomicLong();
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get() || looks.get() == 0) {
                    for (int i = 1; i <= 100; i++) {
                      wrong.addAndGet(table.find(0, i, 5) == i ? 0 : 1);
                    }
                    looks.incrementAndGet();
                  }
                });
    for (int round = 0; round < 300; round++) {
      for (int i = 1000; i < 1500; i++) {
        table.put(1, i, round, i);
      }
      for (int i = 1000; i < 1500; i++) {
        table.remove(1, i, round);
      }
    }
    done.set(true);
    reader.join();
    assertEquals(0, wrong.get());
  }

  @Test
  void fiftyThousandPeersAreFoundAndForgotten() {
    PeerTable table = new PeerTable();
    for (int i = 1; i <= 50_000; i++) {
      table.put(0, 0x0a00_0000L + i, i & 0xff, i);
    }
    for (int i = 1; i <= 50_000; i++) {
      assertEquals(i, table.find(0, 0x0a00_0000L + i, i & 0xff));
      assertEquals(PeerTable.NONE, table.find(0, 0x0a00_0000L + i, (i + 1) & 0xff));
      table.remove(0, 0x0a00_0000L + i, i & 0xff);
      assertEquals(PeerTable.NONE, table.find(0, 0x0a00_0000L + i, i & 0xff));
    }
  }
}
