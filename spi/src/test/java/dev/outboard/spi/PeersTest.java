package dev.outboard.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PeersTest {
  private final Peers<String> peers = new Peers<>();

  @Test
  void aPeerIsFoundByItsNetworkAndAddress() {
    NextHop a = peers.open(7, "a");
    NextHop b = peers.open(7, "b");
    NextHop other = peers.open(8, "a");
    assertEquals(a.number(), peers.number(7, "a"));
    assertEquals(b.number(), peers.number(7, "b"));
    assertEquals(other.number(), peers.number(8, "a"));
    assertEquals("b", peers.address(b.number()));
    assertEquals(Peers.NONE, peers.number(8, "b"));
  }

  @Test
  void theSamePeerHasOneNumberUntilItsLastUserCloses() {
    NextHop first = peers.open(7, "a");
    NextHop second = peers.open(7, "a");
    assertEquals(first.number(), second.number());
    first.close();
    first.close();
    assertEquals("a", peers.address(second.number()));
    second.close();
    assertNull(peers.address(second.number()));
    assertEquals(Peers.NONE, peers.number(7, "a"));
  }

  @Test
  void noNumberIsNone() {
    assertNotEquals(Peers.NONE, peers.open(0, "a").number());
    assertNull(peers.address(Peers.NONE));
    assertNull(peers.address(-1));
    assertNull(peers.address(99));
  }

  @Test
  void manyOpenedAndClosedInAnyOrderAreThoseThatAMapHas() {
    Random random = new Random(1);
    Map<String, NextHop> open = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      names.add("peer " + i);
    }
    for (int i = 0; i < 5_000; i++) {
      String name = names.get(random.nextInt(names.size()));
      NextHop hop = open.remove(name);
      if (hop == null) {
        open.put(name, peers.open(1, name));
      } else {
        hop.close();
      }
    }
    for (String name : names) {
      NextHop hop = open.get(name);
      assertEquals(hop == null ? Peers.NONE : hop.number(), peers.number(1, name));
    }
    assertEquals(
        open.size(), open.values().stream().map(NextHop::number).distinct().count(), "numbers");
  }
}
