package dev.outboard.transport.dpdk.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of layouts is what a C compiler makes of DPDK's headers, and others are refused. */
class LayoutTest {
  private static final List<Path> HEADERS =
      List.of(Path.of("/usr/include/dpdk"), Path.of("/usr/include/x86_64-linux-gnu/dpdk"));

  @TempDir Path directory;

  /** What C calls each number of a layout. */
  private static Map<String, Integer> fields(Layout layout) {
    Map<String, Integer> all = new LinkedHashMap<>();
    Layout.FastPath path = layout.fastPath();
    all.put("sizeof(struct rte_eth_fp_ops)", path.size());
    all.put("offsetof(struct rte_eth_fp_ops, rx_pkt_burst)", path.receiveFunction());
    all.put("offsetof(struct rte_eth_fp_ops, rxq)", path.receiveQueues());
    all.put("offsetof(struct rte_eth_fp_ops, tx_pkt_burst)", path.transmitFunction());
    all.put("offsetof(struct rte_eth_fp_ops, txq)", path.transmitQueues());
    Layout.Mbuf mbuf = layout.mbuf();
    all.put("sizeof(struct rte_mbuf)", mbuf.size());
    all.put("offsetof(struct rte_mbuf, buf_addr)", mbuf.bufferAddress());
    all.put("offsetof(struct rte_mbuf, buf_iova)", mbuf.busAddress());
    all.put("offsetof(struct rte_mbuf, data_off)", mbuf.dataOffset());
    all.put("offsetof(struct rte_mbuf, refcnt)", mbuf.references());
    all.put("offsetof(struct rte_mbuf, nb_segs)", mbuf.segments());
    all.put("offsetof(struct rte_mbuf, ol_flags)", mbuf.flags());
    all.put("offsetof(struct rte_mbuf, pkt_len)", mbuf.packetLength());
    all.put("offsetof(struct rte_mbuf, data_len)", mbuf.dataLength());
    all.put("offsetof(struct rte_mbuf, vlan_tci)", mbuf.vlan());
    all.put("offsetof(struct rte_mbuf, buf_len)", mbuf.bufferLength());
    all.put("offsetof(struct rte_mbuf, pool)", mbuf.pool());
    all.put("offsetof(struct rte_mbuf, next)", mbuf.next());
    all.put("offsetof(struct rte_mbuf, tx_offload)", mbuf.transmitOffload());
    all.put("offsetof(struct rte_mbuf, shinfo)", mbuf.sharedInfo());
    all.put("offsetof(struct rte_mbuf_ext_shared_info, free_cb)", mbuf.sharedInfoCallBack());
    all.put("offsetof(struct rte_mbuf_ext_shared_info, refcnt)", mbuf.sharedInfoReferences());
    Layout.DeviceInfo info = layout.info();
    all.put("sizeof(struct rte_eth_dev_info)", info.size());
    all.put("offsetof(struct rte_eth_dev_info, device)", 0);
    all.put("offsetof(struct rte_eth_dev_info, driver_name)", info.driverName());
    all.put("offsetof(struct rte_eth_dev_info, if_index)", info.interfaceIndex());
    all.put("offsetof(struct rte_eth_dev_info, max_mtu)", info.maxMtu());
    all.put("offsetof(struct rte_eth_dev_info, max_rx_pktlen)", info.maxReceiveLength());
    all.put("offsetof(struct rte_eth_dev_info, max_rx_queues)", info.maxReceiveQueues());
    all.put("offsetof(struct rte_eth_dev_info, max_tx_queues)", info.maxTransmitQueues());
    all.put("offsetof(struct rte_eth_dev_info, rx_offload_capa)", info.receiveOffloads());
    all.put("offsetof(struct rte_eth_dev_info, tx_offload_capa)", info.transmitOffloads());
    all.put("offsetof(struct rte_eth_dev_info, flow_type_rss_offloads)", info.rssTypes());
    all.put("offsetof(struct rte_eth_dev_info, rx_desc_lim)", info.receiveDescriptors());
    all.put("offsetof(struct rte_eth_dev_info, tx_desc_lim)", info.transmitDescriptors());
    Layout.DeviceConfiguration conf = layout.configuration();
    all.put("sizeof(struct rte_eth_conf)", conf.size());
    all.put("offsetof(struct rte_eth_conf, rxmode.mq_mode)", conf.receiveMode());
    all.put("offsetof(struct rte_eth_conf, rxmode.mtu)", conf.mtu());
    all.put("offsetof(struct rte_eth_conf, rxmode.offloads)", conf.receiveOffloads());
    all.put("offsetof(struct rte_eth_conf, txmode.offloads)", conf.transmitOffloads());
    all.put("offsetof(struct rte_eth_conf, rx_adv_conf.rss_conf.rss_hf)", conf.rssTypes());
    all.put("offsetof(struct rte_eth_conf, intr_conf)", conf.interrupts());
    all.put("sizeof(struct rte_eth_link)", Long.BYTES);
    all.put("offsetof(struct rte_eth_stats, rx_nombuf)", 7 * Long.BYTES);
    all.put("offsetof(struct rte_memseg_list, len)", 24);
    all.put("offsetof(struct rte_eth_desc_lim, nb_seg_max)", 6);
    all.put("RTE_PKTMBUF_HEADROOM", Packets.HEADROOM);
    return all;
  }

  @Test
  void theTableIsWhatACompilerMakesOfTheInstalledHeaders() throws Exception {
    assumeTrue(Files.exists(HEADERS.getFirst()), "no headers: apt-get install libdpdk-dev gcc");
    Map<String, Integer> expected = fields(Layout.of(Dpdk.abi()).orElseThrow());
    StringBuilder program =
        new StringBuilder("#include <stdio.h>\n#include <stddef.h>\n#include <rte_ethdev.h>\n");
    program.append("int main(void) {\n");
    expected
        .keySet()
        .forEach(field -> program.append("printf(\"%d\\n\", (int)(" + field + "));\n"));
    program.append("return 0; }\n");
    Path source = directory.resolve("layout.c");
    Path binary = directory.resolve("layout");
    Files.writeString(source, program.toString());
    List<String> compile = new ArrayList<>(List.of("gcc", "-march=corei7", "-w"));
    compile.addAll(List.of("-include", "rte_config.h", "-o", binary.toString()));
    HEADERS.forEach(path -> compile.add("-I" + path));
    compile.add(source.toString());
    String _ = run(compile.toArray(String[]::new));
    List<Integer> seen = run(binary.toString()).lines().map(Integer::valueOf).toList();
    Map<String, Integer> actual = new LinkedHashMap<>();
    expected.keySet().forEach(field -> actual.put(field, seen.get(actual.size())));
    assertEquals(expected, actual);
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test
  void theFastPathOfThisDpdkFitsItsRowAndThatOfTheOtherKindIsRefused() {
    assumeTrue(Dpdk.refusal().isEmpty(), () -> Dpdk.refusal().get().reason());
    MemorySegment table = Libraries.symbol(FastPath.TABLE);
    int other = Dpdk.abi() == 23 ? 25 : 23;
    for (Layout layout : Layout.ALL) {
      boolean sameKind = (layout.abi() == 23) == (Dpdk.abi() == 23);
      Optional<String> refusal = FastPathCheck.refusal(layout, table);
      assertEquals(sameKind, refusal.isEmpty(), "ABI " + layout.abi() + ": " + refusal);
    }
    String line = FastPathCheck.refusal(Layout.of(other).orElseThrow(), table).orElseThrow();
    assertTrue(line.contains("unknown layout"), line);
  }

  @Test
  void aTableOfZerosIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate(128, 64);
      assertTrue(FastPathCheck.refusal(Layout.ALL.getFirst(), table).isPresent());
    }
  }
}
