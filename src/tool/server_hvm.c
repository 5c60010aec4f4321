/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host process does for commands on machines. */
#include "tool/server_hvm.h"

#include <stdio.h>

#include "tool/server_request.h"

SERVER_HVM(pause)
{
	return hvm_domain_pause(d, err);
}

SERVER_HVM(unpause)
{
	return hvm_domain_unpause(d, err);
}

SERVER_HVM(shutdown)
{
	return hvm_domain_shutdown(d, false, err);
}

SERVER_HVM(reboot)
{
	if (json_is_true(json_object_get(request, "fallback")))
		return hvm_domain_trigger(d, PV_TRIGGER_RESET, err);
	return hvm_domain_shutdown(d, true, err);
}

SERVER_HVM(destroy)
{
	return hvm_domain_destroy(d, err);
}

SERVER_HVM(rename)
{
	return hvm_domain_rename(d, request_text(request, "name"), err);
}

SERVER_HVM(vcpu_pin)
{
	unsigned int vcpu;
	cpu_set_t cpus;

	if (request_pinning(request, &vcpu, &cpus, err))
		return -1;
	return hvm_domain_pin(d, vcpu, &cpus, err);
}

SERVER_HVM(trigger)
{
	enum pv_trigger what;

	if (request_trigger(request, &what, err))
		return -1;
	return hvm_domain_trigger(d, what, err);
}

SERVER_HVM(dump_core)
{
	char path[32];

	return request_file(c, path, sizeof(path), err) ? -1 : hvm_domain_dump_core(d, path, err);
}

static unsigned int list_devices(void *d, enum pv_device_kind kind, struct pv_device_info *info,
				 unsigned int max)
{
	return hvm_domain_device_list(d, kind, info, max);
}

SERVER_HVM(devices)
{
	return answer_devices(answer, request, list_devices, d, err);
}

SERVER_HVM(report)
{
	struct answer_text text;

	if (answer_text_begin(&text, err))
		return -1;
	return answer_text_end(&text, answer, hvm_domain_report(d, text.out, err));
}

SERVER_HVM(jit)
{
	struct answer_text text;

	if (answer_text_begin(&text, err))
		return -1;
	return answer_text_end(&text, answer, hvm_domain_jit(d, text.out, err));
}

SERVER_HVM(console)
{
	return server_console(c, hvm_domain_id(d), request, err);
}
