/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks and network cards from xl's strings, attached, listed, taken away and served again. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <xen/interface/io/blkif.h>

#include "xen/pv_device.h"
#include "xen/pv_device_spec.h"
#include "xen_front.h"

/* --- strings --- */

static void names_of_disks(void **state)
{
	static const struct {
		const char *text;
		int64_t vdev;
		const char *name;
	} good[] = {
		{ "xvda", 51712, "xvda" },        { "xvdb1", 51729, "xvdb1" },
		{ "xvdp15", 51967, "xvdp15" },    { "xvdq", 268439552, "xvdq" },
		{ "xvdaa", 268442112, "xvdaa" },  { "xvda16", 268435472, "xvda16" },
		{ "sda", 2048, "sda" },           { "sdp15", 2303, "sdp15" },
		{ "hda", 768, "hda" },            { "hdb1", 833, "hdb1" },
		{ "hdc", 5632, "hdc" },           { "hdd63", 5759, "hdd63" },
		{ "51712", 51712, "xvda" },       { "51729", 51729, "xvdb1" },
		{ "268442112", 268442112, "xvdaa" }, { "2048", 2048, "2048" },
		{ "d0", 51712, "xvda" },          { "d2p3", 51747, "xvdc3" },
		{ "d16", 268439552, "xvdq" },
	};
	static const char *const bad[] = {
		"", "xvd", "xvdA", "vda", "xvda-1", "sdq", "hde", "sda16", "hda64", "xvda256", "d",
		"dx", "d1048576", "d0p256", "-1", "xvda1x", "999999999999", "xvdzzzzzz", "d0p",
	};
	char name[16];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (pv_vdev_parse(good[i].text, name) != good[i].vdev)
			fail_msg("%s: %lld", good[i].text,
				 (long long)pv_vdev_parse(good[i].text, name));
		assert_string_equal(name, good[i].name);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (pv_vdev_parse(bad[i], name) != -1)
			fail_msg("%s is accepted", bad[i]);
}

static void disk_strings(void **state)
{
	static const struct {
		const char *text, *target;
		enum block_format format;
		unsigned int vdev;
		bool read_only, cdrom, discard;
	} good[] = {
		{ "/a/b,raw,xvda,w", "/a/b", BLOCK_FORMAT_RAW, 51712, false, false, true },
		{ "/a/b,,xvda", "/a/b", BLOCK_FORMAT_RAW, 51712, false, false, true },
		{ "/a/b , qcow2 , xvdb , r", "/a/b", BLOCK_FORMAT_QCOW2, 51728, true, false, true },
		{ "format=qcow2, vdev=sda, access=ro, target=/a,b=c d", "/a,b=c d",
		  BLOCK_FORMAT_QCOW2, 2048, true, false, true },
		{ "/a,vdev=hdc,cdrom", "/a", BLOCK_FORMAT_RAW, 5632, true, true, true },
		{ "/a=b,raw,xvda", "/a=b", BLOCK_FORMAT_RAW, 51712, false, false, true },
		{ "devtype=cdrom,vdev=xvda,target=/x", "/x", BLOCK_FORMAT_RAW, 51712, true, true,
		  true },
		{ "qcow2:/a,xvda,w", "/a", BLOCK_FORMAT_QCOW2, 51712, false, false, true },
		{ "/a,raw,xvda,w,no-discard,backendtype=qdisk", "/a", BLOCK_FORMAT_RAW, 51712,
		  false, false, false },
		{ "nbd://h:10809/x,,xvda", "nbd://h:10809/x", BLOCK_FORMAT_NBD, 51712, false, false,
		  true },
		{ "vdev=xvda,target=nbd+unix:///x?socket=/s", "nbd+unix:///x?socket=/s",
		  BLOCK_FORMAT_NBD, 51712, false, false, true },
		{ "nbd+unix:///x?socket=/s,raw,xvda", "nbd+unix:///x?socket=/s", BLOCK_FORMAT_NBD,
		  51712, false, false, true },
		{ "/dev/fd/7,raw,xvda", "/dev/fd/7", BLOCK_FORMAT_RAW, 51712, false, false, true },
	};
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "target" },                      { "/a", "vdev" },
		{ "/a,raw", "vdev" },                  { "/a,vhd,xvda", "raw or qcow2" },
		{ "/a,raw,vda", "xvda" },              { "/a,raw,xvda,x", "rw" },
		{ "/a,raw,xvda,w,more", "more" },      { "/a,raw,xvda,script=x", "script" },
		{ "/a,raw,xvda,vdev=xvdb", "twice" },  { "format=raw,format=raw", "twice" },
		{ "vdev=xvda,target=", "target" },     { "/a,vdev=xvda,devtype=tape", "cdrom" },
		{ "/a,vdev=xvda,backendtype=none", "qdisk" },
		{ "Format=raw,vdev=xvda,target=/a", "Format" },
	};
	struct pv_disk_spec s;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (pv_disk_parse(&s, good[i].text, &err))
			fail_msg("%s: %s", good[i].text, err.msg);
		assert_string_equal(s.target, good[i].target);
		assert_int_equal(s.format, good[i].format);
		assert_int_equal(s.vdev, good[i].vdev);
		assert_int_equal(s.read_only, good[i].read_only);
		assert_int_equal(s.cdrom, good[i].cdrom);
		assert_int_equal(s.discard, good[i].discard);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!pv_disk_parse(&s, bad[i].text, &err))
			fail_msg("'%s' is accepted", bad[i].text);
		if (!strstr(err.msg, bad[i].says))
			fail_msg("'%s': %s", bad[i].text, err.msg);
		assert_int_equal(pv_device_check(PV_DEVICE_DISK, bad[i].text, &err), -1);
	}
}

static void vif_strings(void **state)
{
	static const char *const bad[][2] = {
		{ "mac=00:16:3e:00:00", "six pairs" },  { "mac=01:16:3e:00:00:00", "group" },
		{ "mac=0:16:3e:00:00:001", "six pairs" }, { "bridge=", "1 to 15" },
		{ "vifname=a-name-that-is-too-long", "1 to 15" }, { "link=../x", "letters" },
		{ "link=", "letters" },                 { "hostfwd=udp:1:2", "tcp:" },
		{ "hostfwd=tcp:0:2", "tcp:" },          { "hostfwd=tcp:1:65536", "tcp:" },
		{ "hostfwd=tcp:1:2,bridge=b", "hostfwd" }, { "link=a,bridge=b", "link" },
		{ "type=ioemu", "vif" },                { "devid=256", "255" },
		{ "rate=1Mb/s", "rate" },               { "script=x", "script" },
		{ "mac=00:16:3e:00:00:01,mac=00:16:3e:00:00:02", "twice" }, { "up", "up" },
	};
	struct pv_vif_spec s;
	struct error err;
	size_t i;

	assert_int_equal(pv_vif_parse(&s, "", &err), 0);
	assert_int_equal(s.kind, PV_VIF_USER);
	assert_false(s.has_mac);
	assert_int_equal(s.devid, -1);
	assert_int_equal(pv_vif_parse(&s, "mac=00:16:3E:aB:00:01, hostfwd=tcp:2222:22,"
				      "hostfwd=tcp:8080:80,devid=3,type=vif", &err), 0);
	assert_memory_equal(s.mac, "\x00\x16\x3e\xab\x00\x01", 6);
	assert_int_equal(s.nr_hostfwd, 2);
	assert_int_equal(s.hostfwd[1].host_port, 8080);
	assert_int_equal(s.hostfwd[1].guest_port, 80);
	assert_int_equal(s.devid, 3);
	assert_int_equal(pv_vif_parse(&s, "bridge=xenbr0,vifname=vif1", &err), 0);
	assert_int_equal(s.kind, PV_VIF_TAP);
	assert_string_equal(s.bridge, "xenbr0");
	assert_string_equal(s.tap, "vif1");
	assert_int_equal(pv_vif_parse(&s, "link=wire-1", &err), 0);
	assert_int_equal(s.kind, PV_VIF_LINK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!pv_vif_parse(&s, bad[i][0], &err))
			fail_msg("'%s' is accepted", bad[i][0]);
		if (!strstr(err.msg, bad[i][1]))
			fail_msg("'%s': %s", bad[i][0], err.msg);
	}
}

/* --- devices --- */

static void make_disk(struct bed *b)
{
	int fd;

	strcpy(b->disk, "/tmp/pv-device-XXXXXX");
	fd = mkstemp(b->disk);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	close(fd);
}

static void add(struct bed *b, struct pv_devices *set, enum pv_device_kind kind, const char *spec)
{
	struct error err;

	if (pv_devices_add(set, &b->env, b->g->d, kind, spec, &err))
		fail_msg("%s: %s", spec, err.msg);
}

static void refuse(struct bed *b, struct pv_devices *set, enum pv_device_kind kind,
		   const char *spec, const char *says)
{
	struct error err;

	if (!pv_devices_add(set, &b->env, b->g->d, kind, spec, &err))
		fail_msg("%s is accepted", spec);
	if (!strstr(err.msg, says))
		fail_msg("%s: %s", spec, err.msg);
}

static bool exists(struct bed *b, const char *path)
{
	char *text = xenstore_read(b->env.store, path, NULL);

	free(text);
	return text;
}

/* A front end that lets go when it is asked to. */
struct front_end {
	struct bed *b;
	const char *front, *back;
};

static void *let_go(void *ctx)
{
	struct front_end *f = ctx;
	char path[96];

	snprintf(path, sizeof(path), "%sstate", f->back);
	WAIT_FOR(number(f->b, path) == XenbusStateClosing);
	snprintf(path, sizeof(path), "%sstate", f->front);
	xenstore_printf(f->b->env.store, path, "%d", XenbusStateClosing);
	xenstore_printf(f->b->env.store, path, "%d", XenbusStateClosed);
	return NULL;
}

static void hot_plug(void **state)
{
	struct bed *b = *state;
	struct pv_devices *set = pv_devices_create();
	struct front_end f = { b, VBD_FRONT, VBD_BACK };
	struct pv_device_info info[4];
	struct error err;
	char spec[128], first_mac[18];
	struct front ring;
	pthread_t thread;

	make_disk(b);
	snprintf(spec, sizeof(spec), "%s,raw,xvda,w", b->disk);
	add(b, set, PV_DEVICE_DISK, spec);
	refuse(b, set, PV_DEVICE_DISK, spec, "xvda");
	refuse(b, set, PV_DEVICE_DISK, "/nonexistent,raw,xvdb,w", "No such file");
	assert_false(exists(b, "/local/domain/0/backend/vbd/1/51728/state"));
	add(b, set, PV_DEVICE_VIF, "");
	add(b, set, PV_DEVICE_VIF, "mac=00:16:3e:12:34:56");
	refuse(b, set, PV_DEVICE_VIF, "devid=1", "1");
	refuse(b, set, PV_DEVICE_VIF, "vifname=no-such-tap", "no such interface");
	assert_int_equal(pv_devices_list(set, PV_DEVICE_DISK, info, 4), 1);
	assert_int_equal(info[0].number, 51712);
	assert_string_equal(info[0].name, "xvda");
	assert_string_equal(info[0].spec, spec);
	assert_int_equal(info[0].state, XenbusStateInitWait);
	assert_int_equal(info[0].ring_ref, -1);
	assert_string_equal(info[0].back, "/local/domain/0/backend/vbd/1/51712");
	assert_int_equal(pv_devices_list(set, PV_DEVICE_VIF, info, 1), 2);
	assert_int_equal(pv_devices_list(set, PV_DEVICE_VIF, info, 4), 2);
	strcpy(first_mac, info[0].mac);
	/* Locally administered, no group. */
	assert_int_equal(strtol(first_mac, NULL, 16) & 3, 2);
	assert_string_equal(info[1].mac, "00:16:3e:12:34:56");
	/* The nodes that Xen's tools write. */
	assert_int_equal(number(b, VBD_FRONT "backend-id"), 0);
	assert_int_equal(number(b, VBD_FRONT "virtual-device"), 51712);
	assert_int_equal(number(b, VBD_BACK "frontend-id"), 1);
	assert_int_equal(number(b, VBD_BACK "online"), 1);
	assert_true(exists(b, VBD_BACK "hotplug-status"));
	/* With a front end, which lets go when it is asked. */
	front_ring(b, &ring, 10, 100, 112);
	ring.port = channel(b);
	xenstore_printf(b->env.store, VBD_FRONT "ring-ref", "100");
	xenstore_printf(b->env.store, VBD_FRONT "event-channel", "%u", ring.port);
	xenstore_printf(b->env.store, VBD_FRONT "state", "3");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
	pv_devices_list(set, PV_DEVICE_DISK, info, 4);
	assert_int_equal(info[0].ring_ref, 100);
	assert_int_equal(info[0].evtchn, ring.port);
	assert_int_equal(info[0].state, XenbusStateConnected);
	assert_int_equal(pthread_create(&thread, NULL, let_go, &f), 0);
	if (pv_devices_remove(set, PV_DEVICE_DISK, 51712, false, &err))
		fail_msg("%s", err.msg);
	pthread_join(thread, NULL);
	assert_false(exists(b, VBD_BACK "state"));
	assert_false(exists(b, VBD_FRONT "state"));
	assert_int_equal(pv_devices_list(set, PV_DEVICE_DISK, info, 4), 0);
	assert_int_equal(pv_devices_remove(set, PV_DEVICE_DISK, 51712, false, &err), -1);
	/* The image is free: it comes back under another name, and goes without being asked. */
	snprintf(spec, sizeof(spec), "%s,raw,xvda,r", b->disk);
	add(b, set, PV_DEVICE_DISK, spec);
	assert_int_equal(number(b, VBD_BACK "info"), 4);
	front_ring(b, &ring, 10, 100, 112);
	xenstore_printf(b->env.store, VBD_FRONT "ring-ref", "100");
	xenstore_printf(b->env.store, VBD_FRONT "event-channel", "%u", channel(b));
	xenstore_printf(b->env.store, VBD_FRONT "state", "3");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
	assert_int_equal(pv_devices_remove(set, PV_DEVICE_DISK, 51712, true, &err), 0);
	assert_int_equal(fix_entry(b->g, 100)->flags & (GTF_reading | GTF_writing), 0);
	/* A card whose front end never came has nobody to ask. */
	assert_int_equal(pv_devices_remove(set, PV_DEVICE_VIF, 1, false, &err), 0);
	/* The domain ends, and is built anew: the card is the same. */
	pv_devices_detach(set);
	assert_false(exists(b, VIF_BACK "state"));
	pv_devices_list(set, PV_DEVICE_VIF, info, 4);
	assert_int_equal(info[0].state, 0);
	assert_int_equal(pv_devices_reattach(set, &b->env, b->g->d, &err), 0);
	pv_devices_list(set, PV_DEVICE_VIF, info, 4);
	assert_string_equal(info[0].mac, first_mac);
	assert_true(exists(b, VIF_BACK "state"));
	pv_devices_destroy(set);
	assert_false(exists(b, VIF_BACK "state"));
}

/* A descriptor in place of a file that could not be opened again. */
static void descriptor(void **state)
{
	struct bed *b = *state;
	struct pv_devices *set = pv_devices_create();
	char spec[128];
	int fd, ro;

	make_disk(b);
	fd = open(b->disk, O_RDWR);
	ro = open(b->disk, O_RDONLY);
	unlink(b->disk);
	snprintf(spec, sizeof(spec), "/dev/fd/%d,raw,xvda,w", fd);
	add(b, set, PV_DEVICE_DISK, spec);
	assert_int_equal(number(b, VBD_BACK "sectors"), 2048);
	snprintf(spec, sizeof(spec), "/dev/fd/%d,raw,xvdb,w", ro);
	refuse(b, set, PV_DEVICE_DISK, spec, "cannot be written");
	refuse(b, set, PV_DEVICE_DISK, "/dev/fd/999,raw,xvdb,w", "/dev/fd/999");
	close(fd);
	close(ro);
	pv_devices_destroy(set);
	b->disk[0] = 0;
}

static void connect_disk(struct bed *b, struct front *ring)
{
	front_ring(b, ring, 10, 100, sizeof(union blkif_sring_entry));
	ring->port = channel(b);
	fix_permit(b->g, 200, 0, 11, 0);
	xenstore_printf(b->env.store, VBD_FRONT "ring-ref", "100");
	xenstore_printf(b->env.store, VBD_FRONT "event-channel", "%u", ring->port);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialised);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
}

static void post_read(struct bed *b, struct front *ring)
{
	uint32_t at = ring->ring->req_prod;

	((union blkif_sring_entry *)(ring->ring + 1))[at].req = (struct blkif_request){
		.operation = BLKIF_OP_READ, .nr_segments = 1, .seg[0] = { 200, 0, 31 },
	};
	__atomic_store_n(&ring->ring->req_prod, at + 1, __ATOMIC_SEQ_CST);
	kick(b, ring->port);
}

static int read_status(struct bed *b, struct front *ring)
{
	uint32_t at = ring->ring->req_prod;

	post_read(b, ring);
	WAIT_FOR(__atomic_load_n(&ring->ring->rsp_prod, __ATOMIC_SEQ_CST) == at + 1);
	return ((union blkif_sring_entry *)(ring->ring + 1))[at].rsp.status;
}

/* A server that is there already. */
static void nbd_uri(void **state)
{
	struct bed *b = *state;
	struct pv_devices *set = pv_devices_create();
	char spec[256], sock[80], socket_arg[100];
	struct front ring;
	struct error err;
	struct stat st;
	pid_t child;

	make_disk(b);
	snprintf(sock, sizeof(sock), "%s.sock", b->disk);
	snprintf(socket_arg, sizeof(socket_arg), "--socket=%s", sock);
	child = fork();
	if (!child) {
		execlp("qemu-nbd", "qemu-nbd", "--format=raw", "--export-name=x", "--persistent",
		       "--shared=8", socket_arg, b->disk, (char *)NULL);
		_exit(1);
	}
	WAIT_FOR(!stat(sock, &st));
	snprintf(spec, sizeof(spec), "nbd+unix:///x?socket=%s,,xvda,w", sock);
	add(b, set, PV_DEVICE_DISK, spec);
	assert_int_equal(number(b, VBD_BACK "sectors"), 2048);
	snprintf(spec, sizeof(spec), "nbd+unix:///y?socket=%s,,xvdb,w", sock);
	refuse(b, set, PV_DEVICE_DISK, spec, "disk nbd+unix");
	refuse(b, set, PV_DEVICE_DISK, "nbd://127.0.0.1:1/x,,xvdb,w", "disk nbd://");
	/* The server stops in the middle: the loop goes on, and so does the disk later. */
	connect_disk(b, &ring);
	assert_int_equal(read_status(b, &ring), BLKIF_RSP_OKAY);
	kill(child, SIGSTOP);
	post_read(b, &ring);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateClosing);
	settle(b);
	assert_int_equal(number(b, VBD_BACK "state"), XenbusStateConnected);
	kill(child, SIGCONT);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosing);
	assert_int_equal(ring.ring->rsp_prod, 2);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateClosed);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosed);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialising);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateInitWait);
	/* It goes while the disk is in use: reads fail, and the disk can be taken away. */
	connect_disk(b, &ring);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(read_status(b, &ring), BLKIF_RSP_ERROR);
	assert_int_equal(pv_devices_remove(set, PV_DEVICE_DISK, 51712, true, &err), 0);
	pv_devices_destroy(set);
	unlink(sock);
}

/* Two cards of one name are two ends of a wire. */
static void link_by_name(void **state)
{
	struct bed *b = *state;
	struct pv_devices *set = pv_devices_create();
	char dir[] = "/tmp/pv-link-XXXXXX", path[80];

	assert_non_null(mkdtemp(dir));
	setenv("XDG_RUNTIME_DIR", dir, 1);
	add(b, set, PV_DEVICE_VIF, "link=wire");
	add(b, set, PV_DEVICE_VIF, "link=wire");
	snprintf(path, sizeof(path), "%s/paravane/links/wire", dir);
	assert_int_equal(access(path, F_OK), 0);
	pv_devices_destroy(set);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/paravane/links/wire.lock", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/paravane/links", dir);
	assert_int_equal(rmdir(path), 0);
	snprintf(path, sizeof(path), "%s/paravane", dir);
	assert_int_equal(rmdir(path), 0);
	/* A folder that others may enter is refused. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0755), 0);
	set = pv_devices_create();
	refuse(b, set, PV_DEVICE_VIF, "link=wire", "only this user");
	pv_devices_destroy(set);
	rmdir(path);
	rmdir(dir);
	unsetenv("XDG_RUNTIME_DIR");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, bed_setup, bed_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_disks), cmocka_unit_test(disk_strings),
		cmocka_unit_test(vif_strings), T(hot_plug), T(descriptor), T(nbd_uri),
		T(link_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
