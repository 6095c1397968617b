import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

const micros = z.int().min(0).max(1_000_000_000_000);
const zone = z.string().min(1).max(64).default('UTC').describe('The name of a zone, such as Europe/Berlin.');
const day = z.iso.date();
const moment = z.string().nullable();

export const monitorRequest = z.strictObject({
  tenant_id: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe('For agents of this tenant; those of the house unless given.'),
  limit: z.int().min(1).max(500).default(50),
});
export const monitorResponse = z.object({
  opportunities: z.array(
    z.object({
      id: z.uuid(),
      title: z.string(),
      target_api_id: z.uuid(),
      expected_revenue_micros: z.int(),
      score: z.number(),
    }),
  ),
});

export const scheduleResponse = z.object({ looked_at: z.int(), assigned: z.int() });

const TASK_TYPES = ['api_call', 'payment_processing', 'simulation'] as const;
const TASK_STATUSES = ['assigned', 'running', 'completed', 'failed', 'canceled'] as const;

export const createTaskRequest = z.strictObject({
  opportunity_id: z
    .uuid()
    .toLowerCase()
    .optional()
    .describe('What is to be done; or all of the rest says it.'),
  agent_id: z.uuid().toLowerCase().optional().describe('Who is to do it; whoever suits best unless given.'),
  title: z.string().min(1).max(200).optional(),
  task_type: z.enum(TASK_TYPES).optional(),
  target_api_id: z.uuid().toLowerCase().optional(),
  quantity: z.int().min(1).max(1000).optional(),
  input: z.record(z.string(), z.unknown()).optional().describe('The arguments of the API.'),
  required_capabilities: z.array(z.string().min(1).max(100)).max(20).optional(),
  max_price_micros: micros.optional().describe('What all of it may cost at most, in millionths of a dollar.'),
  expected_revenue_micros: micros.optional(),
  priority: z.int().min(-100).max(100).optional(),
  tenant_id: z.uuid().toLowerCase().optional(),
  user_id: z.uuid().toLowerCase().optional(),
});

const task = z.object({
  id: z.uuid(),
  opportunity_id: z.uuid().nullable(),
  assigned_agent: z.uuid(),
  task_type: z.enum(TASK_TYPES),
  target_api_id: z.uuid().nullable(),
  status: z.enum(TASK_STATUSES),
  is_simulation: z.boolean(),
  attempts: z.int(),
  reserved_micros: z.int(),
  charged_micros: z.int().nullable(),
  error: z.string().nullable(),
  created_at: z.string(),
  ended_at: moment,
});
export const createTaskResponse = z.object({
  status: z
    .enum(['assigned', 'waiting'])
    .describe('waiting: nobody is free, can do it or can pay it today; the scheduler looks again.'),
  task: task.optional(),
  opportunity_id: z.uuid().optional(),
});

export const agentStateRequest = z.strictObject({ state: z.enum(['idle', 'maintenance', 'retired']) });
export const agentStateResponse = z.object({
  state: z.enum(['idle', 'active', 'error', 'maintenance', 'retired']),
});

const sums = {
  currency: z.string(),
  entries: z.number(),
  amount_micros: z.number(),
  platform_fee_micros: z.number(),
  seller_share_micros: z.number(),
  stripe_cost_micros: z.number(),
};
export const revenueStatsQuery = z.object({ zone });
export const revenueStatsResponse = z.object({
  as_of: z.string(),
  today: z.array(z.object(sums)).describe("Collected since the zone's midnight, by currency."),
  active_agents: z.int(),
  tasks_24_hours: z.int(),
  completed_24_hours: z.int(),
  success_rate: z.number().describe('Completed of all tasks that came in the last 24 hours: 0 to 1.'),
  pending_payments: z.int(),
  pending_micros: z.number(),
});

export const revenueOverTimeQuery = z.object({
  from: day,
  to: day,
  by: z.enum(['hour', 'day']).default('day'),
  zone,
});
export const revenueOverTimeResponse = z.object({
  rows: z.array(z.object({ at: z.string(), revenue_source: z.string(), ...sums })),
});

export const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) });
export const agentCardsResponse = z.object({
  agents: z.array(
    z.object({
      id: z.uuid(),
      agent_name: z.string(),
      agent_type: z.enum(['api_consumer', 'payment_bot', 'volume_generator', 'nft_minter']),
      status: z.enum(['idle', 'active', 'error', 'maintenance']),
      is_simulation: z.boolean(),
      capabilities: z.array(z.string()),
      running_tasks: z.int(),
      max_concurrent_tasks: z.int(),
      performance_score: z.number(),
      success_rate: z.number(),
      total_tasks_completed: z.int(),
      total_revenue_micros: z.number(),
      daily_budget_micros: z.number(),
      spent_today_micros: z.number(),
      reserved_micros: z.number(),
      error_count: z.int(),
      last_error: z.string().nullable(),
      last_heartbeat_at: moment,
      last_active_at: moment,
    }),
  ),
});
export const tasksQuery = listQuery.extend({ before: z.iso.datetime({ offset: true }).optional() });
export const tasksResponse = z.object({ tasks: z.array(task.extend({ agent_name: z.string() })) });
export const opportunitiesResponse = z.object({
  opportunities: z.array(
    z.object({
      id: z.uuid(),
      title: z.string(),
      source: z.string(),
      task_type: z.enum(TASK_TYPES),
      status: z.enum(['open', 'assigned', 'completed', 'failed', 'expired', 'canceled']),
      score: z.number(),
      target_api_id: z.uuid().nullable(),
      expected_revenue_micros: z.number(),
      max_price_micros: z.number().nullable(),
      created_at: z.string(),
      expires_at: z.string(),
    }),
  ),
});

apiSchemas.add(monitorRequest, { id: 'AgentMonitorRequest' });
apiSchemas.add(monitorResponse, { id: 'AgentMonitorResponse' });
apiSchemas.add(scheduleResponse, { id: 'AgentScheduleResponse' });
apiSchemas.add(createTaskRequest, { id: 'CreateTaskRequest' });
apiSchemas.add(createTaskResponse, { id: 'CreateTaskResponse' });
apiSchemas.add(agentStateRequest, { id: 'AgentStateRequest' });
apiSchemas.add(agentStateResponse, { id: 'AgentStateResponse' });
apiSchemas.add(revenueStatsResponse, { id: 'RevenueStatsResponse' });
apiSchemas.add(revenueOverTimeResponse, { id: 'RevenueOverTimeResponse' });
apiSchemas.add(agentCardsResponse, { id: 'AgentCardsResponse' });
apiSchemas.add(tasksResponse, { id: 'AgentTasksResponse' });
apiSchemas.add(opportunitiesResponse, { id: 'AgentOpportunitiesResponse' });
