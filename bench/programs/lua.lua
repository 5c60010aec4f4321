-- SPDX-License-Identifier: GPL-2.0-or-later
-- An interpreter at work: closures and tables (queens), strings, sorting with a comparison of our
-- own. The argument says how many times.

local start = os.clock()
local sum, seed = 0, 7

local function add(value)
	sum = (sum * 31 + value) & 0xffffffffffff
end

local function queens(size)
	local columns, up, down, count = {}, {}, {}, 0
	local function place(row)
		if row > size then
			count = count + 1
			return
		end
		for column = 1, size do
			if not (columns[column] or up[row + column] or down[row - column]) then
				local a, b = row + column, row - column
				columns[column], up[a], down[b] = true, true, true
				place(row + 1)
				columns[column], up[a], down[b] = nil, nil, nil
			end
		end
	end
	place(1)
	return count
end

local function strings()
	local words = {}
	for i = 1, 6000 do
		seed = (seed * 1103515245 + 12345) & 0x7fffffff
		words[i] = string.format("%08x", seed):reverse():gsub("[0-4]", string.upper)
	end
	table.sort(words, function(a, b) return a > b end)
	for _, byte in ipairs({ table.concat(words, " "):byte(1, 2000) }) do
		add(byte)
	end
end

for _ = 1, tonumber(arg[1] or 1) do
	add(queens(7))
	strings()
end
local used = os.clock() - start
print(string.format("%-10s %9.3f %9.6f %016x", "lua", used, used, sum))
