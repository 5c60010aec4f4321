/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host process does for commands on machines. */
#include "tool/server_hvm.h"

#include <stdio.h>
#include <stdlib.h>

#include "tool/cpulist.h"
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
	json_int_t vcpu = request_number(request, "vcpu");
	cpu_set_t cpus;

	if (vcpu < 0 || vcpu >= PV_MAX_VCPUS)
		return error_set(err, "vCPU %lld: there is none", (long long)vcpu);
	if (cpulist_parse(&cpus, request_text(request, "cpus"), err))
		return -1;
	return hvm_domain_pin(d, (unsigned int)vcpu, &cpus, err);
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

SERVER_HVM(devices)
{
	struct pv_device_info *info = calloc(REQUEST_MAX_DEVICES, sizeof(*info));
	unsigned int n;

	if (!info)
		return error_set(err, "out of memory");
	n = hvm_domain_device_list(d, request_kind(request), info, REQUEST_MAX_DEVICES);
	answer_devices(answer, info, n);
	free(info);
	return 0;
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
