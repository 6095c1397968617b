export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      accounts: {
        Row: {
          balance: number;
          debt: number;
          first_end: string | null;
          id: string;
          last_receipt_hash: string | null;
          owner_id: string;
          owner_kind: string;
          person_id: string | null;
          receipts: number;
          tenant_id: string | null;
          unit: string;
        };
        ComputedFields: never;
        Insert: {
          balance?: number;
          debt?: number;
          first_end?: string | null;
          id?: string;
          last_receipt_hash?: string | null;
          owner_id: string;
          owner_kind: string;
          person_id?: never;
          receipts?: number;
          tenant_id?: never;
          unit: string;
        };
        Update: {
          balance?: number;
          debt?: number;
          first_end?: string | null;
          id?: string;
          last_receipt_hash?: string | null;
          owner_id?: string;
          owner_kind?: string;
          person_id?: never;
          receipts?: number;
          tenant_id?: never;
          unit?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'accounts_person_id_fkey';
            columns: ['person_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'accounts_person_id_fkey';
            columns: ['person_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'accounts_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      activation_addresses: {
        Row: {
          address_hash: string;
          failed_count: number;
          forget_at: string;
        };
        ComputedFields: never;
        Insert: {
          address_hash: string;
          failed_count: number;
          forget_at: string;
        };
        Update: {
          address_hash?: string;
          failed_count?: number;
          forget_at?: string;
        };
        Relationships: [];
      };
      activation_attempts: {
        Row: {
          failed_count: number;
          user_id: string;
          window_started_at: string;
        };
        ComputedFields: never;
        Insert: {
          failed_count: number;
          user_id: string;
          window_started_at: string;
        };
        Update: {
          failed_count?: number;
          user_id?: string;
          window_started_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'activation_attempts_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'activation_attempts_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      activation_codes: {
        Row: {
          card_id: string;
          code_hash: string;
          usable_until: string | null;
        };
        ComputedFields: never;
        Insert: {
          card_id: string;
          code_hash: string;
          usable_until?: string | null;
        };
        Update: {
          card_id?: string;
          code_hash?: string;
          usable_until?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'activation_codes_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'activation_codes_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
        ];
      };
      agent_budgets: {
        Row: {
          agent_id: string;
          day: string;
          reserved_micros: number;
          spent_micros: number;
        };
        ComputedFields: never;
        Insert: {
          agent_id: string;
          day: string;
          reserved_micros?: number;
          spent_micros?: number;
        };
        Update: {
          agent_id?: string;
          day?: string;
          reserved_micros?: number;
          spent_micros?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'agent_budgets_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'autonomous_agents';
            referencedColumns: ['id'];
          },
        ];
      };
      api_executions: {
        Row: {
          account_id: string | null;
          agent_id: string | null;
          attempt: number;
          bytes: number | null;
          call_id: string | null;
          charged_micros: number | null;
          created_at: string;
          ended_at: string | null;
          hold_id: string | null;
          http_status: number | null;
          id: string;
          key: string;
          lease_until: string;
          outcome: string | null;
          price_micros: number;
          product_id: string;
          result: Json | null;
          status: string;
          task_id: string | null;
          tenant_id: string | null;
          took_ms: number | null;
          user_id: string | null;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          account_id?: string | null;
          agent_id?: string | null;
          attempt?: number;
          bytes?: number | null;
          call_id?: string | null;
          charged_micros?: number | null;
          created_at?: string;
          ended_at?: string | null;
          hold_id?: string | null;
          http_status?: number | null;
          id?: string;
          key: string;
          lease_until: string;
          outcome?: string | null;
          price_micros: number;
          product_id: string;
          result?: Json | null;
          status?: string;
          task_id?: string | null;
          tenant_id?: string | null;
          took_ms?: number | null;
          user_id?: string | null;
          version: number;
        };
        Update: {
          account_id?: string | null;
          agent_id?: string | null;
          attempt?: number;
          bytes?: number | null;
          call_id?: string | null;
          charged_micros?: number | null;
          created_at?: string;
          ended_at?: string | null;
          hold_id?: string | null;
          http_status?: number | null;
          id?: string;
          key?: string;
          lease_until?: string;
          outcome?: string | null;
          price_micros?: number;
          product_id?: string;
          result?: Json | null;
          status?: string;
          task_id?: string | null;
          tenant_id?: string | null;
          took_ms?: number | null;
          user_id?: string | null;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'api_executions_account_id_fkey';
            columns: ['account_id'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_executions_account_id_fkey';
            columns: ['account_id'];
            isOneToOne: false;
            referencedRelation: 'time_accounts';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'api_executions_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'autonomous_agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_executions_hold_id_fkey';
            columns: ['hold_id'];
            isOneToOne: false;
            referencedRelation: 'wallet_holds';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_executions_product_id_version_fkey';
            columns: ['product_id', 'version'];
            isOneToOne: false;
            referencedRelation: 'api_product_versions';
            referencedColumns: ['product_id', 'version'];
          },
          {
            foreignKeyName: 'api_executions_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_executions_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_executions_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      api_keys: {
        Row: {
          created_at: string;
          created_by: string;
          expires_at: string | null;
          grace_until: string | null;
          id: string;
          key_hash: string;
          last_used_at: string | null;
          last4: string;
          name: string;
          prefix: string;
          revoked_at: string | null;
          rotated_to: string | null;
          scopes: string[];
          tenant_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          created_by: string;
          expires_at?: string | null;
          grace_until?: string | null;
          id?: string;
          key_hash: string;
          last_used_at?: string | null;
          last4: string;
          name: string;
          prefix: string;
          revoked_at?: string | null;
          rotated_to?: string | null;
          scopes: string[];
          tenant_id: string;
        };
        Update: {
          created_at?: string;
          created_by?: string;
          expires_at?: string | null;
          grace_until?: string | null;
          id?: string;
          key_hash?: string;
          last_used_at?: string | null;
          last4?: string;
          name?: string;
          prefix?: string;
          revoked_at?: string | null;
          rotated_to?: string | null;
          scopes?: string[];
          tenant_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'api_keys_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_keys_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_keys_rotated_to_fkey';
            columns: ['rotated_to'];
            isOneToOne: false;
            referencedRelation: 'api_keys';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_keys_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      api_product_versions: {
        Row: {
          created_at: string;
          described: NonNullable<Json>;
          product_id: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          described: NonNullable<Json>;
          product_id: string;
          version: number;
        };
        Update: {
          created_at?: string;
          described?: NonNullable<Json>;
          product_id?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'api_product_versions_product_id_fkey';
            columns: ['product_id'];
            isOneToOne: false;
            referencedRelation: 'api_products';
            referencedColumns: ['id'];
          },
        ];
      };
      api_products: {
        Row: {
          api_endpoint: string;
          category: string;
          charges_client_errors: boolean;
          created_at: string;
          description: string;
          headers: NonNullable<Json>;
          id: string;
          is_spoken: boolean;
          max_bytes: number;
          method: string;
          name: string;
          parameters: NonNullable<Json>;
          places: NonNullable<Json>;
          price_micros: number | null;
          price_per_call: number;
          rate_per_minute: number;
          response_schema: Json | null;
          seller_id: string | null;
          speech: string | null;
          status: string;
          tenant_id: string | null;
          timeout_ms: number;
          title: string;
          updated_at: string;
          version: number;
        };
        ComputedFields: never;
        Insert: {
          api_endpoint: string;
          category?: string;
          charges_client_errors?: boolean;
          created_at?: string;
          description?: string;
          headers?: NonNullable<Json>;
          id?: string;
          is_spoken?: boolean;
          max_bytes?: number;
          method?: string;
          name: string;
          parameters?: NonNullable<Json>;
          places?: NonNullable<Json>;
          price_micros?: never;
          price_per_call: number;
          rate_per_minute?: number;
          response_schema?: Json | null;
          seller_id?: string | null;
          speech?: string | null;
          status?: string;
          tenant_id?: string | null;
          timeout_ms?: number;
          title?: string;
          updated_at?: string;
          version?: number;
        };
        Update: {
          api_endpoint?: string;
          category?: string;
          charges_client_errors?: boolean;
          created_at?: string;
          description?: string;
          headers?: NonNullable<Json>;
          id?: string;
          is_spoken?: boolean;
          max_bytes?: number;
          method?: string;
          name?: string;
          parameters?: NonNullable<Json>;
          places?: NonNullable<Json>;
          price_micros?: never;
          price_per_call?: number;
          rate_per_minute?: number;
          response_schema?: Json | null;
          seller_id?: string | null;
          speech?: string | null;
          status?: string;
          tenant_id?: string | null;
          timeout_ms?: number;
          title?: string;
          updated_at?: string;
          version?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'api_products_seller_id_fkey';
            columns: ['seller_id'];
            isOneToOne: false;
            referencedRelation: 'sellers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'api_products_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      asset_snapshots: {
        Row: {
          asset_count: number;
          captured_at: string;
          created_at: string;
          id: string;
          key: string | null;
          site_breakdown: NonNullable<Json>;
          source: string;
          tenant_id: string;
        };
        ComputedFields: never;
        Insert: {
          asset_count: number;
          captured_at?: string;
          created_at?: string;
          id?: string;
          key?: string | null;
          site_breakdown?: NonNullable<Json>;
          source?: string;
          tenant_id: string;
        };
        Update: {
          asset_count?: number;
          captured_at?: string;
          created_at?: string;
          id?: string;
          key?: string | null;
          site_breakdown?: NonNullable<Json>;
          source?: string;
          tenant_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'asset_snapshots_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      autonomous_agents: {
        Row: {
          agent_name: string;
          agent_type: string;
          capabilities: string[];
          created_at: string;
          current_task_id: string | null;
          daily_budget: number;
          daily_budget_micros: number | null;
          decayed_successes: number;
          decayed_tasks: number;
          error_count: number;
          errors_in_a_row: number;
          id: string;
          last_active_at: string | null;
          last_error: string | null;
          last_heartbeat_at: string | null;
          max_concurrent_tasks: number;
          metadata: NonNullable<Json>;
          performance_score: number;
          retired_at: string | null;
          running_tasks: number;
          status: string;
          success_rate: number;
          tenant_id: string | null;
          total_revenue_generated: number | null;
          total_revenue_micros: number;
          total_tasks_completed: number;
          updated_at: string;
          user_id: string | null;
          wallet_address: string | null;
          zone: string;
        };
        ComputedFields: never;
        Insert: {
          agent_name: string;
          agent_type: string;
          capabilities?: string[];
          created_at?: string;
          current_task_id?: string | null;
          daily_budget?: number;
          daily_budget_micros?: never;
          decayed_successes?: number;
          decayed_tasks?: number;
          error_count?: number;
          errors_in_a_row?: number;
          id?: string;
          last_active_at?: string | null;
          last_error?: string | null;
          last_heartbeat_at?: string | null;
          max_concurrent_tasks?: number;
          metadata?: NonNullable<Json>;
          performance_score?: number;
          retired_at?: string | null;
          running_tasks?: number;
          status?: string;
          success_rate?: number;
          tenant_id?: string | null;
          total_revenue_generated?: never;
          total_revenue_micros?: number;
          total_tasks_completed?: number;
          updated_at?: string;
          user_id?: string | null;
          wallet_address?: string | null;
          zone?: string;
        };
        Update: {
          agent_name?: string;
          agent_type?: string;
          capabilities?: string[];
          created_at?: string;
          current_task_id?: string | null;
          daily_budget?: number;
          daily_budget_micros?: never;
          decayed_successes?: number;
          decayed_tasks?: number;
          error_count?: number;
          errors_in_a_row?: number;
          id?: string;
          last_active_at?: string | null;
          last_error?: string | null;
          last_heartbeat_at?: string | null;
          max_concurrent_tasks?: number;
          metadata?: NonNullable<Json>;
          performance_score?: number;
          retired_at?: string | null;
          running_tasks?: number;
          status?: string;
          success_rate?: number;
          tenant_id?: string | null;
          total_revenue_generated?: never;
          total_revenue_micros?: number;
          total_tasks_completed?: number;
          updated_at?: string;
          user_id?: string | null;
          wallet_address?: string | null;
          zone?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'autonomous_agents_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_agents_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_agents_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'works_on_a_task';
            columns: ['current_task_id'];
            isOneToOne: false;
            referencedRelation: 'brain_tasks';
            referencedColumns: ['id'];
          },
        ];
      };
      autonomous_revenue: {
        Row: {
          agent_id: string | null;
          amount: number | null;
          amount_micros: number;
          api_product_id: string | null;
          created_at: string;
          currency: string;
          hold_id: string | null;
          id: string;
          key: string;
          pending_payment_id: string | null;
          platform_fee: number | null;
          platform_fee_micros: number;
          revenue_source: string;
          seller_id: string | null;
          seller_share: number | null;
          seller_share_micros: number;
          status: string;
          stripe_cost_micros: number;
          task_id: string | null;
          xid: unknown;
        };
        ComputedFields: never;
        Insert: {
          agent_id?: string | null;
          amount?: never;
          amount_micros: number;
          api_product_id?: string | null;
          created_at?: string;
          currency?: string;
          hold_id?: string | null;
          id?: string;
          key: string;
          pending_payment_id?: string | null;
          platform_fee?: never;
          platform_fee_micros?: number;
          revenue_source: string;
          seller_id?: string | null;
          seller_share?: never;
          seller_share_micros?: number;
          status: string;
          stripe_cost_micros?: number;
          task_id?: string | null;
          xid?: unknown;
        };
        Update: {
          agent_id?: string | null;
          amount?: never;
          amount_micros?: number;
          api_product_id?: string | null;
          created_at?: string;
          currency?: string;
          hold_id?: string | null;
          id?: string;
          key?: string;
          pending_payment_id?: string | null;
          platform_fee?: never;
          platform_fee_micros?: number;
          revenue_source?: string;
          seller_id?: string | null;
          seller_share?: never;
          seller_share_micros?: number;
          status?: string;
          stripe_cost_micros?: number;
          task_id?: string | null;
          xid?: unknown;
        };
        Relationships: [
          {
            foreignKeyName: 'autonomous_revenue_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'autonomous_agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_revenue_api_product_id_fkey';
            columns: ['api_product_id'];
            isOneToOne: false;
            referencedRelation: 'api_products';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_revenue_hold_id_fkey';
            columns: ['hold_id'];
            isOneToOne: false;
            referencedRelation: 'wallet_holds';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_revenue_pending_payment_id_fkey';
            columns: ['pending_payment_id'];
            isOneToOne: false;
            referencedRelation: 'pending_payments';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'autonomous_revenue_seller_id_fkey';
            columns: ['seller_id'];
            isOneToOne: false;
            referencedRelation: 'sellers';
            referencedColumns: ['id'];
          },
        ];
      };
      billing_invoices: {
        Row: {
          amount_due_cents: number;
          amount_paid_cents: number;
          assets_cents: number;
          attempt_count: number;
          base_cents: number;
          billing_reason: string | null;
          breakdown: NonNullable<Json>;
          created_at: string;
          credited_cents: number;
          credits_cents: number;
          currency: string;
          finalized_at: string | null;
          gainshare_cents: number;
          granted_at: string | null;
          hosted_url: string | null;
          id: string;
          next_attempt_at: string | null;
          number: string | null;
          other_cents: number;
          paid_at: string | null;
          pdf_url: string | null;
          period_end: string | null;
          period_start: string | null;
          problem: string | null;
          read_at: string;
          status: string;
          stripe_invoice_id: string | null;
          subscription_id: string | null;
          subtotal_cents: number;
          tax_cents: number;
          tax_status: string | null;
          tenant_id: string;
          total_cad: number | null;
          total_cents: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount_due_cents: number;
          amount_paid_cents: number;
          assets_cents?: number;
          attempt_count?: number;
          base_cents?: number;
          billing_reason?: string | null;
          breakdown?: NonNullable<Json>;
          created_at: string;
          credited_cents?: number;
          credits_cents?: number;
          currency: string;
          finalized_at?: string | null;
          gainshare_cents?: number;
          granted_at?: string | null;
          hosted_url?: string | null;
          id: string;
          next_attempt_at?: string | null;
          number?: string | null;
          other_cents?: number;
          paid_at?: string | null;
          pdf_url?: string | null;
          period_end?: string | null;
          period_start?: string | null;
          problem?: string | null;
          read_at: string;
          status: string;
          stripe_invoice_id?: never;
          subscription_id?: string | null;
          subtotal_cents: number;
          tax_cents: number;
          tax_status?: string | null;
          tenant_id: string;
          total_cad?: never;
          total_cents: number;
          updated_at?: string;
        };
        Update: {
          amount_due_cents?: number;
          amount_paid_cents?: number;
          assets_cents?: number;
          attempt_count?: number;
          base_cents?: number;
          billing_reason?: string | null;
          breakdown?: NonNullable<Json>;
          created_at?: string;
          credited_cents?: number;
          credits_cents?: number;
          currency?: string;
          finalized_at?: string | null;
          gainshare_cents?: number;
          granted_at?: string | null;
          hosted_url?: string | null;
          id?: string;
          next_attempt_at?: string | null;
          number?: string | null;
          other_cents?: number;
          paid_at?: string | null;
          pdf_url?: string | null;
          period_end?: string | null;
          period_start?: string | null;
          problem?: string | null;
          read_at?: string;
          status?: string;
          stripe_invoice_id?: never;
          subscription_id?: string | null;
          subtotal_cents?: number;
          tax_cents?: number;
          tax_status?: string | null;
          tenant_id?: string;
          total_cad?: never;
          total_cents?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'billing_invoices_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'billing_invoices_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'billing_invoices_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'billing_invoices_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'user_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'billing_invoices_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      brain_tasks: {
        Row: {
          assigned_agent: string;
          attempts: number;
          budget_day: string;
          charged_micros: number | null;
          created_at: string;
          due_at: string;
          ended_at: string | null;
          epoch: number;
          error: string | null;
          expected_revenue: number | null;
          expected_revenue_micros: number;
          id: string;
          input: NonNullable<Json>;
          is_simulation: boolean;
          key: string | null;
          last_heartbeat_at: string | null;
          lost_at: string | null;
          max_attempts: number;
          opportunity_id: string | null;
          priority: number;
          quantity: number;
          reserved_micros: number;
          result: Json | null;
          started_at: string | null;
          status: string;
          target_api_id: string | null;
          task_type: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          assigned_agent: string;
          attempts?: number;
          budget_day: string;
          charged_micros?: number | null;
          created_at?: string;
          due_at?: string;
          ended_at?: string | null;
          epoch?: number;
          error?: string | null;
          expected_revenue?: never;
          expected_revenue_micros?: number;
          id?: string;
          input?: NonNullable<Json>;
          is_simulation?: boolean;
          key?: string | null;
          last_heartbeat_at?: string | null;
          lost_at?: string | null;
          max_attempts?: number;
          opportunity_id?: string | null;
          priority?: number;
          quantity?: number;
          reserved_micros: number;
          result?: Json | null;
          started_at?: string | null;
          status?: string;
          target_api_id?: string | null;
          task_type: string;
          updated_at?: string;
        };
        Update: {
          assigned_agent?: string;
          attempts?: number;
          budget_day?: string;
          charged_micros?: number | null;
          created_at?: string;
          due_at?: string;
          ended_at?: string | null;
          epoch?: number;
          error?: string | null;
          expected_revenue?: never;
          expected_revenue_micros?: number;
          id?: string;
          input?: NonNullable<Json>;
          is_simulation?: boolean;
          key?: string | null;
          last_heartbeat_at?: string | null;
          lost_at?: string | null;
          max_attempts?: number;
          opportunity_id?: string | null;
          priority?: number;
          quantity?: number;
          reserved_micros?: number;
          result?: Json | null;
          started_at?: string | null;
          status?: string;
          target_api_id?: string | null;
          task_type?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'brain_tasks_assigned_agent_fkey';
            columns: ['assigned_agent'];
            isOneToOne: false;
            referencedRelation: 'autonomous_agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'brain_tasks_opportunity_id_fkey';
            columns: ['opportunity_id'];
            isOneToOne: false;
            referencedRelation: 'market_opportunities';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'brain_tasks_target_api_id_fkey';
            columns: ['target_api_id'];
            isOneToOne: false;
            referencedRelation: 'api_products';
            referencedColumns: ['id'];
          },
        ];
      };
      call_tokens: {
        Row: {
          address_hash: string | null;
          call_id: string;
          issued_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          address_hash?: string | null;
          call_id: string;
          issued_at?: string;
          user_id: string;
        };
        Update: {
          address_hash?: string | null;
          call_id?: string;
          issued_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'call_tokens_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'call_tokens_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      caller_memories: {
        Row: {
          call_id: string | null;
          corrected_at: string | null;
          created_at: string;
          embedding: number[] | null;
          embedding_model: string | null;
          id: string;
          kind: string;
          source: string;
          text: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          call_id?: string | null;
          corrected_at?: string | null;
          created_at?: string;
          embedding?: number[] | null;
          embedding_model?: string | null;
          id?: string;
          kind: string;
          source: string;
          text: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          call_id?: string | null;
          corrected_at?: string | null;
          created_at?: string;
          embedding?: number[] | null;
          embedding_model?: string | null;
          id?: string;
          kind?: string;
          source?: string;
          text?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'caller_memories_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'caller_memories_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'caller_memories_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'caller_memories_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      caller_settings: {
        Row: {
          erased_at: string | null;
          locale: string | null;
          memory_enabled: boolean;
          updated_at: string;
          user_id: string;
          voice: string | null;
        };
        ComputedFields: never;
        Insert: {
          erased_at?: string | null;
          locale?: string | null;
          memory_enabled?: boolean;
          updated_at?: string;
          user_id: string;
          voice?: string | null;
        };
        Update: {
          erased_at?: string | null;
          locale?: string | null;
          memory_enabled?: boolean;
          updated_at?: string;
          user_id?: string;
          voice?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'caller_settings_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'caller_settings_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      calls: {
        Row: {
          charged_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          epoch: number | null;
          errors: number | null;
          id: string;
          interruptions: number | null;
          latency_p50_ms: number | null;
          latency_p95_ms: number | null;
          measures: Json | null;
          opened_at: string;
          provider_cost_micros: number | null;
          quality: number | null;
          receipt: Json | null;
          restored_ms: number | null;
          room_name: string;
          settled_by: string | null;
          status: string;
          tenant_id: string | null;
          turns: number | null;
          used_ms: number | null;
          user_id: string;
          worker_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          charged_seconds?: number | null;
          end_reason?: string | null;
          ended_at?: string | null;
          epoch?: number | null;
          errors?: number | null;
          id: string;
          interruptions?: number | null;
          latency_p50_ms?: number | null;
          latency_p95_ms?: number | null;
          measures?: Json | null;
          opened_at?: string;
          provider_cost_micros?: number | null;
          quality?: number | null;
          receipt?: Json | null;
          restored_ms?: number | null;
          room_name: string;
          settled_by?: string | null;
          status?: string;
          tenant_id?: string | null;
          turns?: number | null;
          used_ms?: number | null;
          user_id: string;
          worker_id?: string | null;
        };
        Update: {
          charged_seconds?: number | null;
          end_reason?: string | null;
          ended_at?: string | null;
          epoch?: number | null;
          errors?: number | null;
          id?: string;
          interruptions?: number | null;
          latency_p50_ms?: number | null;
          latency_p95_ms?: number | null;
          measures?: Json | null;
          opened_at?: string;
          provider_cost_micros?: number | null;
          quality?: number | null;
          receipt?: Json | null;
          restored_ms?: number | null;
          room_name?: string;
          settled_by?: string | null;
          status?: string;
          tenant_id?: string | null;
          turns?: number | null;
          used_ms?: number | null;
          user_id?: string;
          worker_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'calls_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      code_batch_cards: {
        Row: {
          batch_id: string;
          card_id: string;
        };
        ComputedFields: never;
        Insert: {
          batch_id: string;
          card_id: string;
        };
        Update: {
          batch_id?: string;
          card_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'code_batch_cards_batch_id_fkey';
            columns: ['batch_id'];
            isOneToOne: false;
            referencedRelation: 'code_batches';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batch_cards_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batch_cards_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
        ];
      };
      code_batches: {
        Row: {
          count: number;
          created_at: string;
          export_id: string | null;
          exported_at: string | null;
          exported_by: string | null;
          id: string;
          key: string;
          kind: string;
          note: string;
          operator_id: string;
          package_id: string | null;
          revoked_at: string | null;
          revoked_by: string | null;
          seconds: number;
          usable_until: string;
        };
        ComputedFields: never;
        Insert: {
          count: number;
          created_at?: string;
          export_id?: string | null;
          exported_at?: string | null;
          exported_by?: string | null;
          id?: string;
          key: string;
          kind: string;
          note: string;
          operator_id: string;
          package_id?: string | null;
          revoked_at?: string | null;
          revoked_by?: string | null;
          seconds: number;
          usable_until: string;
        };
        Update: {
          count?: number;
          created_at?: string;
          export_id?: string | null;
          exported_at?: string | null;
          exported_by?: string | null;
          id?: string;
          key?: string;
          kind?: string;
          note?: string;
          operator_id?: string;
          package_id?: string | null;
          revoked_at?: string | null;
          revoked_by?: string | null;
          seconds?: number;
          usable_until?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'code_batches_exported_by_fkey';
            columns: ['exported_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_exported_by_fkey';
            columns: ['exported_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_revoked_by_fkey';
            columns: ['revoked_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'code_batches_revoked_by_fkey';
            columns: ['revoked_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      credit_days: {
        Row: {
          credits: number;
          day: string;
          event_type: string;
          events: number;
          tenant_id: string;
          units: number;
        };
        ComputedFields: never;
        Insert: {
          credits: number;
          day: string;
          event_type: string;
          events: number;
          tenant_id: string;
          units: number;
        };
        Update: {
          credits?: number;
          day?: string;
          event_type?: string;
          events?: number;
          tenant_id?: string;
          units?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'credit_days_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      credit_periods: {
        Row: {
          closed_at: string | null;
          granted: number;
          included: number;
          is_trial: boolean;
          overage: number | null;
          period_end: string | null;
          period_start: string;
          plan_id: string;
          subscription_id: string;
          tenant_id: string;
          unpaid: number | null;
          usage: Json | null;
          used: number;
        };
        ComputedFields: never;
        Insert: {
          closed_at?: string | null;
          granted?: number;
          included: number;
          is_trial: boolean;
          overage?: number | null;
          period_end?: string | null;
          period_start: string;
          plan_id: string;
          subscription_id: string;
          tenant_id: string;
          unpaid?: number | null;
          usage?: Json | null;
          used?: number;
        };
        Update: {
          closed_at?: string | null;
          granted?: number;
          included?: number;
          is_trial?: boolean;
          overage?: number | null;
          period_end?: string | null;
          period_start?: string;
          plan_id?: string;
          subscription_id?: string;
          tenant_id?: string;
          unpaid?: number | null;
          usage?: Json | null;
          used?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'credit_periods_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'billing_plans';
            referencedColumns: ['plan_id'];
          },
          {
            foreignKeyName: 'credit_periods_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'user_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      credit_rules: {
        Row: {
          credits: number;
          event_type: string;
          id: number;
          per_pieces: number;
          piece: string;
          pieces_per_unit: number;
          thing: number;
          unit: string;
          valid_from: string;
          valid_to: string | null;
        };
        ComputedFields: never;
        Insert: {
          credits: number;
          event_type: string;
          id?: never;
          per_pieces: number;
          piece: string;
          pieces_per_unit: number;
          thing?: never;
          unit: string;
          valid_from: string;
          valid_to?: string | null;
        };
        Update: {
          credits?: number;
          event_type?: string;
          id?: never;
          per_pieces?: number;
          piece?: string;
          pieces_per_unit?: number;
          thing?: never;
          unit?: string;
          valid_from?: string;
          valid_to?: string | null;
        };
        Relationships: [];
      };
      gainshare_acts: {
        Row: {
          act: string;
          actor_id: string | null;
          at: string;
          id: number;
          reason: string | null;
          run_id: string;
          snapshot_hash: string;
        };
        ComputedFields: never;
        Insert: {
          act: string;
          actor_id?: string | null;
          at?: string;
          id?: never;
          reason?: string | null;
          run_id: string;
          snapshot_hash: string;
        };
        Update: {
          act?: string;
          actor_id?: string | null;
          at?: string;
          id?: never;
          reason?: string | null;
          run_id?: string;
          snapshot_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'gainshare_acts_actor_id_fkey';
            columns: ['actor_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_acts_actor_id_fkey';
            columns: ['actor_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_acts_run_id_fkey';
            columns: ['run_id'];
            isOneToOne: false;
            referencedRelation: 'gainshare_runs';
            referencedColumns: ['id'];
          },
        ];
      };
      gainshare_runs: {
        Row: {
          calculated_savings_cad: number | null;
          created_at: string;
          currency: string;
          decided_at: string | null;
          decided_by: string | null;
          dispute_until: string;
          fee_cad: number | null;
          fee_cap_cents: number | null;
          fee_cents: number;
          id: string;
          invoice_id: string | null;
          period_end: string;
          period_start: string;
          reason: string | null;
          run_by: string | null;
          savings_cents: number;
          share_pct: number;
          snapshot: NonNullable<Json>;
          snapshot_hash: string;
          status: string;
          tenant_id: string;
        };
        ComputedFields: never;
        Insert: {
          calculated_savings_cad?: never;
          created_at?: string;
          currency: string;
          decided_at?: string | null;
          decided_by?: string | null;
          dispute_until: string;
          fee_cad?: never;
          fee_cap_cents?: number | null;
          fee_cents: number;
          id?: string;
          invoice_id?: string | null;
          period_end: string;
          period_start: string;
          reason?: string | null;
          run_by?: string | null;
          savings_cents: number;
          share_pct: number;
          snapshot: NonNullable<Json>;
          snapshot_hash: string;
          status?: string;
          tenant_id: string;
        };
        Update: {
          calculated_savings_cad?: never;
          created_at?: string;
          currency?: string;
          decided_at?: string | null;
          decided_by?: string | null;
          dispute_until?: string;
          fee_cad?: never;
          fee_cap_cents?: number | null;
          fee_cents?: number;
          id?: string;
          invoice_id?: string | null;
          period_end?: string;
          period_start?: string;
          reason?: string | null;
          run_by?: string | null;
          savings_cents?: number;
          share_pct?: number;
          snapshot?: NonNullable<Json>;
          snapshot_hash?: string;
          status?: string;
          tenant_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'gainshare_runs_decided_by_fkey';
            columns: ['decided_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_runs_decided_by_fkey';
            columns: ['decided_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_runs_run_by_fkey';
            columns: ['run_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_runs_run_by_fkey';
            columns: ['run_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'gainshare_runs_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      goodwill_grants: {
        Row: {
          card_id: string;
          created_at: string;
          key: string;
          operator_id: string;
          reason: string;
        };
        ComputedFields: never;
        Insert: {
          card_id: string;
          created_at?: string;
          key: string;
          operator_id: string;
          reason: string;
        };
        Update: {
          card_id?: string;
          created_at?: string;
          key?: string;
          operator_id?: string;
          reason?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'goodwill_grants_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'goodwill_grants_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'goodwill_grants_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'goodwill_grants_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      grants: {
        Row: {
          account_id: string | null;
          activated_at: string | null;
          bonus: number;
          created_at: string;
          disputed: number;
          ended_at: string | null;
          expires_at: string | null;
          frozen: number;
          frozen_at: string | null;
          id: string;
          package_id: string | null;
          paid: number;
          part_of: string | null;
          payment_intent_id: string | null;
          priority: number;
          purchaser_id: string | null;
          remaining: number;
          source: string;
          status: string;
          unit: string;
        };
        ComputedFields: never;
        Insert: {
          account_id?: string | null;
          activated_at?: string | null;
          bonus?: number;
          created_at?: string;
          disputed?: number;
          ended_at?: string | null;
          expires_at?: string | null;
          frozen?: number;
          frozen_at?: string | null;
          id: string;
          package_id?: string | null;
          paid: number;
          part_of?: string | null;
          payment_intent_id?: string | null;
          priority?: number;
          purchaser_id?: string | null;
          remaining: number;
          source: string;
          status: string;
          unit: string;
        };
        Update: {
          account_id?: string | null;
          activated_at?: string | null;
          bonus?: number;
          created_at?: string;
          disputed?: number;
          ended_at?: string | null;
          expires_at?: string | null;
          frozen?: number;
          frozen_at?: string | null;
          id?: string;
          package_id?: string | null;
          paid?: number;
          part_of?: string | null;
          payment_intent_id?: string | null;
          priority?: number;
          purchaser_id?: string | null;
          remaining?: number;
          source?: string;
          status?: string;
          unit?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'grants_account_id_unit_fkey';
            columns: ['account_id', 'unit'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id', 'unit'];
          },
          {
            foreignKeyName: 'grants_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_part_of_fkey';
            columns: ['part_of'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_part_of_fkey';
            columns: ['part_of'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_purchaser_id_fkey';
            columns: ['purchaser_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_purchaser_id_fkey';
            columns: ['purchaser_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      holds: {
        Row: {
          account_id: string;
          amount: number;
          epoch: number;
          id: string;
          lease_expires_at: string;
          lease_margin_seconds: number;
          renewals: number;
          restored_ms: number;
          slice_seconds: number;
          unit: string;
          used_ms: number;
        };
        ComputedFields: never;
        Insert: {
          account_id: string;
          amount?: number;
          epoch?: number;
          id: string;
          lease_expires_at: string;
          lease_margin_seconds: number;
          renewals?: number;
          restored_ms?: number;
          slice_seconds: number;
          unit: string;
          used_ms?: number;
        };
        Update: {
          account_id?: string;
          amount?: number;
          epoch?: number;
          id?: string;
          lease_expires_at?: string;
          lease_margin_seconds?: number;
          renewals?: number;
          restored_ms?: number;
          slice_seconds?: number;
          unit?: string;
          used_ms?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'holds_account_id_unit_fkey';
            columns: ['account_id', 'unit'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id', 'unit'];
          },
        ];
      };
      kpi_actuals: {
        Row: {
          created_at: string;
          events: number | null;
          evidence: NonNullable<Json>;
          id: string;
          metric: string;
          period_end: string;
          period_start: string;
          recorded_by: string | null;
          tenant_id: string;
          value: number;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          events?: number | null;
          evidence?: NonNullable<Json>;
          id?: string;
          metric: string;
          period_end: string;
          period_start: string;
          recorded_by?: string | null;
          tenant_id: string;
          value: number;
        };
        Update: {
          created_at?: string;
          events?: number | null;
          evidence?: NonNullable<Json>;
          id?: string;
          metric?: string;
          period_end?: string;
          period_start?: string;
          recorded_by?: string | null;
          tenant_id?: string;
          value?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'kpi_actuals_recorded_by_fkey';
            columns: ['recorded_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'kpi_actuals_recorded_by_fkey';
            columns: ['recorded_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'kpi_actuals_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      kpi_baselines: {
        Row: {
          baseline_value: number;
          cost_per_unit: number;
          created_at: string;
          currency: string;
          direction: string;
          effective_from: string;
          evidence: NonNullable<Json>;
          id: string;
          max_savings_cents: number | null;
          method: string;
          metric: string;
          recorded_by: string | null;
          scheduled_hours: number | null;
          tenant_id: string;
          unit: string;
        };
        ComputedFields: never;
        Insert: {
          baseline_value: number;
          cost_per_unit: number;
          created_at?: string;
          currency?: string;
          direction: string;
          effective_from: string;
          evidence?: NonNullable<Json>;
          id?: string;
          max_savings_cents?: number | null;
          method: string;
          metric: string;
          recorded_by?: string | null;
          scheduled_hours?: number | null;
          tenant_id: string;
          unit: string;
        };
        Update: {
          baseline_value?: number;
          cost_per_unit?: number;
          created_at?: string;
          currency?: string;
          direction?: string;
          effective_from?: string;
          evidence?: NonNullable<Json>;
          id?: string;
          max_savings_cents?: number | null;
          method?: string;
          metric?: string;
          recorded_by?: string | null;
          scheduled_hours?: number | null;
          tenant_id?: string;
          unit?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'kpi_baselines_recorded_by_fkey';
            columns: ['recorded_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'kpi_baselines_recorded_by_fkey';
            columns: ['recorded_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'kpi_baselines_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      ledger: {
        Row: {
          about_grant_id: string | null;
          account_id: string;
          amount: number;
          call_id: string | null;
          created_at: string;
          grant_id: string | null;
          id: number;
          key: string;
          reason: string;
          unit: string;
          xid: unknown;
        };
        ComputedFields: never;
        Insert: {
          about_grant_id?: string | null;
          account_id: string;
          amount: number;
          call_id?: string | null;
          created_at?: string;
          grant_id?: string | null;
          id?: never;
          key: string;
          reason: string;
          unit: string;
          xid?: unknown;
        };
        Update: {
          about_grant_id?: string | null;
          account_id?: string;
          amount?: number;
          call_id?: string | null;
          created_at?: string;
          grant_id?: string | null;
          id?: never;
          key?: string;
          reason?: string;
          unit?: string;
          xid?: unknown;
        };
        Relationships: [
          {
            foreignKeyName: 'ledger_about_grant_id_fkey';
            columns: ['about_grant_id'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_about_grant_id_fkey';
            columns: ['about_grant_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_account_id_unit_fkey';
            columns: ['account_id', 'unit'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id', 'unit'];
          },
          {
            foreignKeyName: 'ledger_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_grant_id_fkey';
            columns: ['grant_id'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_grant_id_fkey';
            columns: ['grant_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
        ];
      };
      machine_payments: {
        Row: {
          account_id: string;
          amount_units: number | null;
          asked: number;
          asset: string | null;
          attempt: number;
          call_id: string | null;
          created_at: string;
          network: string | null;
          order_key: string;
          pay_to: string | null;
          payer: string | null;
          payload: Json | null;
          payment_key: string;
          purchase_id: string;
          requirements: Json | null;
          settle_after: string;
          settled_at: string | null;
          transaction: string | null;
          valid_before: string | null;
        };
        ComputedFields: never;
        Insert: {
          account_id: string;
          amount_units?: number | null;
          asked?: number;
          asset?: string | null;
          attempt: number;
          call_id?: string | null;
          created_at?: string;
          network?: string | null;
          order_key: string;
          pay_to?: string | null;
          payer?: string | null;
          payload?: Json | null;
          payment_key: string;
          purchase_id: string;
          requirements?: Json | null;
          settle_after: string;
          settled_at?: string | null;
          transaction?: string | null;
          valid_before?: string | null;
        };
        Update: {
          account_id?: string;
          amount_units?: number | null;
          asked?: number;
          asset?: string | null;
          attempt?: number;
          call_id?: string | null;
          created_at?: string;
          network?: string | null;
          order_key?: string;
          pay_to?: string | null;
          payer?: string | null;
          payload?: Json | null;
          payment_key?: string;
          purchase_id?: string;
          requirements?: Json | null;
          settle_after?: string;
          settled_at?: string | null;
          transaction?: string | null;
          valid_before?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'machine_payments_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'paid_calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'machine_payments_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: true;
            referencedRelation: 'payment_history';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'machine_payments_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: true;
            referencedRelation: 'purchases';
            referencedColumns: ['id'];
          },
        ];
      };
      market_opportunities: {
        Row: {
          created_at: string;
          expected_revenue: number | null;
          expected_revenue_micros: number;
          expires_at: string;
          id: string;
          input: NonNullable<Json>;
          key: string | null;
          max_price_micros: number | null;
          priority: number;
          quantity: number;
          required_capabilities: string[];
          score: number;
          source: string;
          status: string;
          target_api_id: string | null;
          task_type: string;
          tenant_id: string | null;
          title: string;
          updated_at: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          expected_revenue?: never;
          expected_revenue_micros?: number;
          expires_at?: string;
          id?: string;
          input?: NonNullable<Json>;
          key?: string | null;
          max_price_micros?: number | null;
          priority?: number;
          quantity?: number;
          required_capabilities?: string[];
          score?: number;
          source?: string;
          status?: string;
          target_api_id?: string | null;
          task_type?: string;
          tenant_id?: string | null;
          title: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Update: {
          created_at?: string;
          expected_revenue?: never;
          expected_revenue_micros?: number;
          expires_at?: string;
          id?: string;
          input?: NonNullable<Json>;
          key?: string | null;
          max_price_micros?: number | null;
          priority?: number;
          quantity?: number;
          required_capabilities?: string[];
          score?: number;
          source?: string;
          status?: string;
          target_api_id?: string | null;
          task_type?: string;
          tenant_id?: string | null;
          title?: string;
          updated_at?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'market_opportunities_target_api_id_fkey';
            columns: ['target_api_id'];
            isOneToOne: false;
            referencedRelation: 'api_products';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'market_opportunities_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'market_opportunities_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'market_opportunities_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      operator_acts: {
        Row: {
          act: string;
          created_at: string;
          id: number;
          operator_id: string;
          reason: string;
          subject: string;
        };
        ComputedFields: never;
        Insert: {
          act: string;
          created_at?: string;
          id?: never;
          operator_id: string;
          reason: string;
          subject: string;
        };
        Update: {
          act?: string;
          created_at?: string;
          id?: never;
          operator_id?: string;
          reason?: string;
          subject?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'operator_acts_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'operator_acts_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      operator_refunds: {
        Row: {
          amount_cents: number;
          asked_cents: number | null;
          attempt: number;
          created_at: string;
          id: string;
          key: string;
          operator_id: string;
          purchase_id: string;
          refusal: string | null;
          stripe_refund_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          amount_cents: number;
          asked_cents?: number | null;
          attempt?: number;
          created_at?: string;
          id?: string;
          key: string;
          operator_id: string;
          purchase_id: string;
          refusal?: string | null;
          stripe_refund_id?: string | null;
        };
        Update: {
          amount_cents?: number;
          asked_cents?: number | null;
          attempt?: number;
          created_at?: string;
          id?: string;
          key?: string;
          operator_id?: string;
          purchase_id?: string;
          refusal?: string | null;
          stripe_refund_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'operator_refunds_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'operator_refunds_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'operator_refunds_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'payment_history';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'operator_refunds_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'purchases';
            referencedColumns: ['id'];
          },
        ];
      };
      paid_calls: {
        Row: {
          account_id: string;
          created_at: string;
          id: string;
          max_cents: number | null;
          tenant_id: string | null;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          account_id: string;
          created_at?: string;
          id: string;
          max_cents?: number | null;
          tenant_id?: string | null;
          user_id: string;
        };
        Update: {
          account_id?: string;
          created_at?: string;
          id?: string;
          max_cents?: number | null;
          tenant_id?: string | null;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'paid_calls_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'paid_calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'paid_calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      payment_disputes: {
        Row: {
          amount_cents: number;
          created_at: string;
          id: string;
          purchase_id: string;
          reason: string | null;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount_cents: number;
          created_at?: string;
          id: string;
          purchase_id: string;
          reason?: string | null;
          status: string;
          updated_at?: string;
        };
        Update: {
          amount_cents?: number;
          created_at?: string;
          id?: string;
          purchase_id?: string;
          reason?: string | null;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'payment_disputes_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'payment_history';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'payment_disputes_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'purchases';
            referencedColumns: ['id'];
          },
        ];
      };
      payment_refunds: {
        Row: {
          amount_cents: number;
          created_at: string;
          id: string;
          purchase_id: string;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount_cents: number;
          created_at?: string;
          id: string;
          purchase_id: string;
          status: string;
          updated_at?: string;
        };
        Update: {
          amount_cents?: number;
          created_at?: string;
          id?: string;
          purchase_id?: string;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'payment_refunds_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'payment_history';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'payment_refunds_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'purchases';
            referencedColumns: ['id'];
          },
        ];
      };
      payments: {
        Row: {
          amount: number | null;
          amount_micros: number;
          created_at: string;
          currency: string;
          id: string;
          pending_payment_id: string | null;
          refunded_micros: number;
          status: string;
          stripe_fee_micros: number | null;
          stripe_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          amount?: never;
          amount_micros: number;
          created_at?: string;
          currency?: string;
          id?: string;
          pending_payment_id?: string | null;
          refunded_micros?: number;
          status: string;
          stripe_fee_micros?: number | null;
          stripe_id: string;
          updated_at?: string;
        };
        Update: {
          amount?: never;
          amount_micros?: number;
          created_at?: string;
          currency?: string;
          id?: string;
          pending_payment_id?: string | null;
          refunded_micros?: number;
          status?: string;
          stripe_fee_micros?: number | null;
          stripe_id?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'payments_pending_payment_id_fkey';
            columns: ['pending_payment_id'];
            isOneToOne: false;
            referencedRelation: 'pending_payments';
            referencedColumns: ['id'];
          },
        ];
      };
      pending_payments: {
        Row: {
          account_id: string | null;
          agent_id: string | null;
          amount: number | null;
          amount_micros: number;
          api_product_id: string | null;
          created_at: string;
          currency: string;
          id: string;
          payment_intent_id: string | null;
          status: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          account_id?: string | null;
          agent_id?: string | null;
          amount?: never;
          amount_micros: number;
          api_product_id?: string | null;
          created_at?: string;
          currency?: string;
          id?: string;
          payment_intent_id?: string | null;
          status?: string;
          updated_at?: string;
        };
        Update: {
          account_id?: string | null;
          agent_id?: string | null;
          amount?: never;
          amount_micros?: number;
          api_product_id?: string | null;
          created_at?: string;
          currency?: string;
          id?: string;
          payment_intent_id?: string | null;
          status?: string;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'pending_payments_account_id_fkey';
            columns: ['account_id'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'pending_payments_account_id_fkey';
            columns: ['account_id'];
            isOneToOne: false;
            referencedRelation: 'time_accounts';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'pending_payments_agent_id_fkey';
            columns: ['agent_id'];
            isOneToOne: false;
            referencedRelation: 'autonomous_agents';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'pending_payments_api_product_id_fkey';
            columns: ['api_product_id'];
            isOneToOne: false;
            referencedRelation: 'api_products';
            referencedColumns: ['id'];
          },
        ];
      };
      plans: {
        Row: {
          active: boolean;
          asset_price_micros: number | null;
          assets_billed_by: string | null;
          base_price_cents: number | null;
          calls_at_once: number;
          credit_price_micros: number | null;
          currency: string;
          features: string[];
          hard_spend_per_day_micros: number | null;
          hard_spend_per_month_micros: number | null;
          id: string;
          included_assets: number | null;
          included_credits: number | null;
          kind: string;
          line: string;
          max_seats: number | null;
          max_sites: number | null;
          monthly_minutes: number | null;
          name: string;
          requests_per_minute: number;
          requests_per_period: number | null;
          seat_price_cents: number | null;
          soft_spend_per_day_micros: number | null;
          soft_spend_per_month_micros: number | null;
          trial_days: number | null;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean;
          asset_price_micros?: number | null;
          assets_billed_by?: string | null;
          base_price_cents?: number | null;
          calls_at_once?: number;
          credit_price_micros?: number | null;
          currency?: string;
          features?: string[];
          hard_spend_per_day_micros?: number | null;
          hard_spend_per_month_micros?: number | null;
          id: string;
          included_assets?: number | null;
          included_credits?: number | null;
          kind: string;
          line?: string;
          max_seats?: number | null;
          max_sites?: number | null;
          monthly_minutes?: number | null;
          name: string;
          requests_per_minute?: number;
          requests_per_period?: number | null;
          seat_price_cents?: number | null;
          soft_spend_per_day_micros?: number | null;
          soft_spend_per_month_micros?: number | null;
          trial_days?: number | null;
        };
        Update: {
          active?: boolean;
          asset_price_micros?: number | null;
          assets_billed_by?: string | null;
          base_price_cents?: number | null;
          calls_at_once?: number;
          credit_price_micros?: number | null;
          currency?: string;
          features?: string[];
          hard_spend_per_day_micros?: number | null;
          hard_spend_per_month_micros?: number | null;
          id?: string;
          included_assets?: number | null;
          included_credits?: number | null;
          kind?: string;
          line?: string;
          max_seats?: number | null;
          max_sites?: number | null;
          monthly_minutes?: number | null;
          name?: string;
          requests_per_minute?: number;
          requests_per_period?: number | null;
          seat_price_cents?: number | null;
          soft_spend_per_day_micros?: number | null;
          soft_spend_per_month_micros?: number | null;
          trial_days?: number | null;
        };
        Relationships: [];
      };
      pricing_tiers: {
        Row: {
          active: boolean;
          bonus_minutes: number;
          currency: string;
          description: string;
          hours: number;
          id: string;
          minutes: number;
          name: string;
          price_cents: number;
          sort_order: number;
          total_minutes: number;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean;
          bonus_minutes?: number;
          currency?: string;
          description?: string;
          hours: number;
          id: string;
          minutes?: number;
          name: string;
          price_cents: number;
          sort_order?: number;
          total_minutes?: never;
        };
        Update: {
          active?: boolean;
          bonus_minutes?: number;
          currency?: string;
          description?: string;
          hours?: number;
          id?: string;
          minutes?: number;
          name?: string;
          price_cents?: number;
          sort_order?: number;
          total_minutes?: never;
        };
        Relationships: [];
      };
      purchases: {
        Row: {
          amount_cents: number;
          bonus_seconds: number;
          card_consent_at: string | null;
          checkout_expires_at: string | null;
          checkout_session_id: string | null;
          clawed_back_seconds: number;
          created_at: string;
          currency: string;
          deliver_at: string | null;
          disputed_cents: number;
          failure_code: string | null;
          gift_email: string | null;
          gift_message: string | null;
          gift_recipient: string | null;
          id: string;
          idempotency_key: string;
          lost_cents: number;
          package_id: string;
          paid_seconds: number;
          payment_intent_id: string | null;
          purpose: string;
          rail: string;
          received_cents: number | null;
          received_currency: string | null;
          refunded_cents: number;
          replaced_intent_id: string | null;
          review_reason: string | null;
          settlements: number;
          status: string;
          stripe_attempt: number;
          tenant_id: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          amount_cents: number;
          bonus_seconds: number;
          card_consent_at?: string | null;
          checkout_expires_at?: string | null;
          checkout_session_id?: string | null;
          clawed_back_seconds?: number;
          created_at?: string;
          currency: string;
          deliver_at?: string | null;
          disputed_cents?: number;
          failure_code?: string | null;
          gift_email?: string | null;
          gift_message?: string | null;
          gift_recipient?: string | null;
          id?: string;
          idempotency_key: string;
          lost_cents?: number;
          package_id: string;
          paid_seconds: number;
          payment_intent_id?: string | null;
          purpose: string;
          rail?: string;
          received_cents?: number | null;
          received_currency?: string | null;
          refunded_cents?: number;
          replaced_intent_id?: string | null;
          review_reason?: string | null;
          settlements?: number;
          status?: string;
          stripe_attempt?: number;
          tenant_id?: string | null;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          amount_cents?: number;
          bonus_seconds?: number;
          card_consent_at?: string | null;
          checkout_expires_at?: string | null;
          checkout_session_id?: string | null;
          clawed_back_seconds?: number;
          created_at?: string;
          currency?: string;
          deliver_at?: string | null;
          disputed_cents?: number;
          failure_code?: string | null;
          gift_email?: string | null;
          gift_message?: string | null;
          gift_recipient?: string | null;
          id?: string;
          idempotency_key?: string;
          lost_cents?: number;
          package_id?: string;
          paid_seconds?: number;
          payment_intent_id?: string | null;
          purpose?: string;
          rail?: string;
          received_cents?: number | null;
          received_currency?: string | null;
          refunded_cents?: number;
          replaced_intent_id?: string | null;
          review_reason?: string | null;
          settlements?: number;
          status?: string;
          stripe_attempt?: number;
          tenant_id?: string | null;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'purchases_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      rates: {
        Row: {
          cost_micros_usd_per_million: number | null;
          currency: string;
          id: number;
          kind: string;
          markup_percent: number | null;
          model: string | null;
          price_micros_per_million: number | null;
          provider: string | null;
          thing: number;
          tool: string | null;
          unit: string;
          valid_from: string;
          valid_to: string | null;
        };
        ComputedFields: never;
        Insert: {
          cost_micros_usd_per_million?: number | null;
          currency?: string;
          id?: never;
          kind: string;
          markup_percent?: number | null;
          model?: string | null;
          price_micros_per_million?: number | null;
          provider?: string | null;
          thing?: never;
          tool?: string | null;
          unit?: never;
          valid_from: string;
          valid_to?: string | null;
        };
        Update: {
          cost_micros_usd_per_million?: number | null;
          currency?: string;
          id?: never;
          kind?: string;
          markup_percent?: number | null;
          model?: string | null;
          price_micros_per_million?: number | null;
          provider?: string | null;
          thing?: never;
          tool?: string | null;
          unit?: never;
          valid_from?: string;
          valid_to?: string | null;
        };
        Relationships: [];
      };
      reconciliation_findings: {
        Row: {
          detail: string;
          first_seen_at: string;
          kind: string;
          last_seen_at: string;
          subject: string;
        };
        ComputedFields: never;
        Insert: {
          detail: string;
          first_seen_at?: string;
          kind: string;
          last_seen_at?: string;
          subject: string;
        };
        Update: {
          detail?: string;
          first_seen_at?: string;
          kind?: string;
          last_seen_at?: string;
          subject?: string;
        };
        Relationships: [];
      };
      second_payments: {
        Row: {
          created_at: string;
          currency: string;
          payment_intent_id: string;
          purchase_id: string;
          received_cents: number;
          refunded_cents: number;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          currency: string;
          payment_intent_id: string;
          purchase_id: string;
          received_cents: number;
          refunded_cents?: number;
          updated_at?: string;
        };
        Update: {
          created_at?: string;
          currency?: string;
          payment_intent_id?: string;
          purchase_id?: string;
          received_cents?: number;
          refunded_cents?: number;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'second_payments_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'payment_history';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'second_payments_purchase_id_fkey';
            columns: ['purchase_id'];
            isOneToOne: false;
            referencedRelation: 'purchases';
            referencedColumns: ['id'];
          },
        ];
      };
      sellers: {
        Row: {
          closed_at: string | null;
          created_at: string;
          fee_bps: number;
          id: string;
          name: string;
          owed_fraction: number;
          tenant_id: string | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          closed_at?: string | null;
          created_at?: string;
          fee_bps?: number;
          id?: string;
          name: string;
          owed_fraction?: number;
          tenant_id?: string | null;
          user_id?: string | null;
        };
        Update: {
          closed_at?: string | null;
          created_at?: string;
          fee_bps?: number;
          id?: string;
          name?: string;
          owed_fraction?: number;
          tenant_id?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'sellers_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'sellers_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'sellers_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      stripe_events: {
        Row: {
          attempts: number;
          handled_at: string | null;
          id: string;
          last_error: string | null;
          object_id: string | null;
          outcome: string;
          payment_intent_id: string | null;
          received_at: string;
          status: string;
          type: string;
        };
        ComputedFields: never;
        Insert: {
          attempts?: number;
          handled_at?: string | null;
          id: string;
          last_error?: string | null;
          object_id?: string | null;
          outcome: string;
          payment_intent_id?: string | null;
          received_at?: string;
          status?: string;
          type: string;
        };
        Update: {
          attempts?: number;
          handled_at?: string | null;
          id?: string;
          last_error?: string | null;
          object_id?: string | null;
          outcome?: string;
          payment_intent_id?: string | null;
          received_at?: string;
          status?: string;
          type?: string;
        };
        Relationships: [];
      };
      subscriptions: {
        Row: {
          anchor_hour: number | null;
          cancel_at: string | null;
          current_period_end: string | null;
          current_period_start: string | null;
          ended_at: string | null;
          id: string;
          next_plan_id: string | null;
          plan_id: string;
          quantity: number | null;
          read_at: string;
          status: string;
          stripe_items: NonNullable<Json>;
          tenant_id: string;
          time_zone: string;
          trial_end: string | null;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          anchor_hour?: number | null;
          cancel_at?: string | null;
          current_period_end?: string | null;
          current_period_start?: string | null;
          ended_at?: string | null;
          id: string;
          next_plan_id?: string | null;
          plan_id: string;
          quantity?: number | null;
          read_at?: string;
          status: string;
          stripe_items?: NonNullable<Json>;
          tenant_id: string;
          time_zone?: string;
          trial_end?: string | null;
          updated_at?: string;
        };
        Update: {
          anchor_hour?: number | null;
          cancel_at?: string | null;
          current_period_end?: string | null;
          current_period_start?: string | null;
          ended_at?: string | null;
          id?: string;
          next_plan_id?: string | null;
          plan_id?: string;
          quantity?: number | null;
          read_at?: string;
          status?: string;
          stripe_items?: NonNullable<Json>;
          tenant_id?: string;
          time_zone?: string;
          trial_end?: string | null;
          updated_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'subscriptions_next_plan_id_fkey';
            columns: ['next_plan_id'];
            isOneToOne: false;
            referencedRelation: 'billing_plans';
            referencedColumns: ['plan_id'];
          },
          {
            foreignKeyName: 'subscriptions_next_plan_id_fkey';
            columns: ['next_plan_id'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'subscriptions_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'billing_plans';
            referencedColumns: ['plan_id'];
          },
          {
            foreignKeyName: 'subscriptions_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'subscriptions_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      tenant_invitations: {
        Row: {
          accepted_at: string | null;
          accepted_by: string | null;
          created_at: string;
          email: string;
          expires_at: string;
          id: string;
          invited_by: string;
          revoked_at: string | null;
          role: string;
          tenant_id: string;
          token_hash: string;
        };
        ComputedFields: never;
        Insert: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email: string;
          expires_at: string;
          id?: string;
          invited_by: string;
          revoked_at?: string | null;
          role: string;
          tenant_id: string;
          token_hash: string;
        };
        Update: {
          accepted_at?: string | null;
          accepted_by?: string | null;
          created_at?: string;
          email?: string;
          expires_at?: string;
          id?: string;
          invited_by?: string;
          revoked_at?: string | null;
          role?: string;
          tenant_id?: string;
          token_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'tenant_invitations_accepted_by_fkey';
            columns: ['accepted_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_invitations_accepted_by_fkey';
            columns: ['accepted_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_invitations_invited_by_fkey';
            columns: ['invited_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_invitations_invited_by_fkey';
            columns: ['invited_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_invitations_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      tenant_members: {
        Row: {
          created_at: string;
          role: string;
          tenant_id: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          role: string;
          tenant_id: string;
          user_id: string;
        };
        Update: {
          created_at?: string;
          role?: string;
          tenant_id?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'tenant_members_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_members_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_members_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      tenants: {
        Row: {
          billing_email: string | null;
          closed_at: string | null;
          created_at: string;
          created_by: string | null;
          id: string;
          key: string | null;
          name: string;
          plan_id: string | null;
          stripe_customer_id: string | null;
          time_zone: string;
        };
        ComputedFields: never;
        Insert: {
          billing_email?: string | null;
          closed_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          key?: string | null;
          name: string;
          plan_id?: string | null;
          stripe_customer_id?: string | null;
          time_zone?: string;
        };
        Update: {
          billing_email?: string | null;
          closed_at?: string | null;
          created_at?: string;
          created_by?: string | null;
          id?: string;
          key?: string | null;
          name?: string;
          plan_id?: string | null;
          stripe_customer_id?: string | null;
          time_zone?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'tenants_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenants_created_by_fkey';
            columns: ['created_by'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenants_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'billing_plans';
            referencedColumns: ['plan_id'];
          },
          {
            foreignKeyName: 'tenants_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['id'];
          },
        ];
      };
      usage_events: {
        Row: {
          call_id: string | null;
          cost_micro_usd: number | null;
          credit_rule_id: number | null;
          credits_burned: number | null;
          currency: string;
          event_type: string | null;
          id: number;
          key: string;
          kind: string;
          metadata: NonNullable<Json>;
          model: string | null;
          occurred_at: string;
          occurred_month: string;
          owner_id: string;
          price_micros: number | null;
          provider: string | null;
          quantity: number;
          rate_id: number | null;
          recorded_at: string;
          server: string | null;
          subscription_id: string | null;
          tenant_id: string | null;
          tool: string | null;
          unit: string;
          units: number | null;
          user_id: string | null;
          xid: unknown;
        };
        ComputedFields: never;
        Insert: {
          call_id?: string | null;
          cost_micro_usd?: number | null;
          credit_rule_id?: number | null;
          credits_burned?: number | null;
          currency: string;
          event_type?: string | null;
          id?: number;
          key: string;
          kind: string;
          metadata?: NonNullable<Json>;
          model?: string | null;
          occurred_at: string;
          occurred_month: string;
          owner_id: string;
          price_micros?: number | null;
          provider?: string | null;
          quantity: number;
          rate_id?: number | null;
          recorded_at?: string;
          server?: string | null;
          subscription_id?: string | null;
          tenant_id?: string | null;
          tool?: string | null;
          unit: string;
          units?: number | null;
          user_id?: string | null;
          xid?: unknown;
        };
        Update: {
          call_id?: string | null;
          cost_micro_usd?: number | null;
          credit_rule_id?: number | null;
          credits_burned?: number | null;
          currency?: string;
          event_type?: string | null;
          id?: number;
          key?: string;
          kind?: string;
          metadata?: NonNullable<Json>;
          model?: string | null;
          occurred_at?: string;
          occurred_month?: string;
          owner_id?: string;
          price_micros?: number | null;
          provider?: string | null;
          quantity?: number;
          rate_id?: number | null;
          recorded_at?: string;
          server?: string | null;
          subscription_id?: string | null;
          tenant_id?: string | null;
          tool?: string | null;
          unit?: string;
          units?: number | null;
          user_id?: string | null;
          xid?: unknown;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_events_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      users: {
        Row: {
          created_at: string;
          deleted_at: string | null;
          display_name: string;
          email: string | null;
          frozen_at: string | null;
          id: string;
          is_machine: boolean;
          role: string;
          stripe_customer_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          deleted_at?: string | null;
          display_name?: string;
          email?: string | null;
          frozen_at?: string | null;
          id: string;
          is_machine?: boolean;
          role?: string;
          stripe_customer_id?: string | null;
        };
        Update: {
          created_at?: string;
          deleted_at?: string | null;
          display_name?: string;
          email?: string | null;
          frozen_at?: string | null;
          id?: string;
          is_machine?: boolean;
          role?: string;
          stripe_customer_id?: string | null;
        };
        Relationships: [];
      };
      wallet_holds: {
        Row: {
          about: NonNullable<Json>;
          account_id: string;
          amount: number;
          charged: number | null;
          created_at: string;
          ended_at: string | null;
          expires_at: string;
          fee: number | null;
          fee_bps: number;
          id: string;
          key: string;
          lines: Json | null;
          platform_account_id: string | null;
          refunded: number;
          remainder: number | null;
          seller_account_id: string | null;
          share: number | null;
          status: string;
          unit: string;
        };
        ComputedFields: never;
        Insert: {
          about?: NonNullable<Json>;
          account_id: string;
          amount: number;
          charged?: number | null;
          created_at?: string;
          ended_at?: string | null;
          expires_at: string;
          fee?: number | null;
          fee_bps: number;
          id?: string;
          key: string;
          lines?: Json | null;
          platform_account_id?: string | null;
          refunded?: number;
          remainder?: number | null;
          seller_account_id?: string | null;
          share?: number | null;
          status?: string;
          unit?: string;
        };
        Update: {
          about?: NonNullable<Json>;
          account_id?: string;
          amount?: number;
          charged?: number | null;
          created_at?: string;
          ended_at?: string | null;
          expires_at?: string;
          fee?: number | null;
          fee_bps?: number;
          id?: string;
          key?: string;
          lines?: Json | null;
          platform_account_id?: string | null;
          refunded?: number;
          remainder?: number | null;
          seller_account_id?: string | null;
          share?: number | null;
          status?: string;
          unit?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'wallet_holds_account_id_unit_fkey';
            columns: ['account_id', 'unit'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id', 'unit'];
          },
          {
            foreignKeyName: 'wallet_holds_platform_account_id_fkey';
            columns: ['platform_account_id'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'wallet_holds_platform_account_id_fkey';
            columns: ['platform_account_id'];
            isOneToOne: false;
            referencedRelation: 'time_accounts';
            referencedColumns: ['user_id'];
          },
          {
            foreignKeyName: 'wallet_holds_seller_account_id_fkey';
            columns: ['seller_account_id'];
            isOneToOne: false;
            referencedRelation: 'accounts';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'wallet_holds_seller_account_id_fkey';
            columns: ['seller_account_id'];
            isOneToOne: false;
            referencedRelation: 'time_accounts';
            referencedColumns: ['user_id'];
          },
        ];
      };
      wallet_refunds: {
        Row: {
          amount: number;
          created_at: string;
          fee: number;
          hold_id: string;
          key: string;
          remainder: number;
          share: number;
        };
        ComputedFields: never;
        Insert: {
          amount: number;
          created_at?: string;
          fee: number;
          hold_id: string;
          key: string;
          remainder: number;
          share: number;
        };
        Update: {
          amount?: number;
          created_at?: string;
          fee?: number;
          hold_id?: string;
          key?: string;
          remainder?: number;
          share?: number;
        };
        Relationships: [
          {
            foreignKeyName: 'wallet_refunds_hold_id_fkey';
            columns: ['hold_id'];
            isOneToOne: false;
            referencedRelation: 'wallet_holds';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      billing_plans: {
        Row: {
          active: boolean;
          asset_uplift_cad: number | null;
          assets_billed_by: string | null;
          base_price_cad: number | null;
          code: string | null;
          included_assets: number | null;
          included_credits: number | null;
          max_seats: number | null;
          max_sites: number | null;
          name: string;
          overage_per_credit_cad: number | null;
          plan_id: string;
          trial_days: number | null;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean | null;
          asset_uplift_cad?: number | null;
          assets_billed_by?: string | null;
          base_price_cad?: number | null;
          code?: string | null;
          included_assets?: number | null;
          included_credits?: number | null;
          max_seats?: number | null;
          max_sites?: number | null;
          name?: string | null;
          overage_per_credit_cad?: number | null;
          plan_id?: string | null;
          trial_days?: number | null;
        };
        Update: {
          active?: boolean | null;
          asset_uplift_cad?: number | null;
          assets_billed_by?: string | null;
          base_price_cad?: number | null;
          code?: string | null;
          included_assets?: number | null;
          included_credits?: number | null;
          max_seats?: number | null;
          max_sites?: number | null;
          name?: string | null;
          overage_per_credit_cad?: number | null;
          plan_id?: string | null;
          trial_days?: number | null;
        };
        Relationships: [];
      };
      billing_subscriptions: {
        Row: {
          cancel_at: string | null;
          current_period_end: string | null;
          current_period_start: string | null;
          id: string;
          plan_code: string | null;
          status: string;
          stripe_subscription_id: string;
          tenant_id: string;
          updated_at: string;
        };
        ComputedFields: never;
        Insert: {
          cancel_at?: string | null;
          current_period_end?: string | null;
          current_period_start?: string | null;
          id?: string | null;
          plan_code?: never;
          status?: string | null;
          stripe_subscription_id?: string | null;
          tenant_id?: string | null;
          updated_at?: string | null;
        };
        Update: {
          cancel_at?: string | null;
          current_period_end?: string | null;
          current_period_start?: string | null;
          id?: string | null;
          plan_code?: never;
          status?: string | null;
          stripe_subscription_id?: string | null;
          tenant_id?: string | null;
          updated_at?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'subscriptions_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      billing_usage_events: {
        Row: {
          call_id: string | null;
          created_at: string;
          currency: string;
          id: number;
          kind: string;
          metadata: NonNullable<Json>;
          occurred_at: string;
          price_micros: number | null;
          quantity: number;
          server_id: string | null;
          stripe_event_id: string | null;
          tenant_id: string | null;
          tool_name: string | null;
          unit: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          call_id?: string | null;
          created_at?: string | null;
          currency?: string | null;
          id?: number | null;
          kind?: string | null;
          metadata?: Json | null;
          occurred_at?: string | null;
          price_micros?: number | null;
          quantity?: number | null;
          server_id?: string | null;
          stripe_event_id?: never;
          tenant_id?: string | null;
          tool_name?: string | null;
          unit?: string | null;
          user_id?: string | null;
        };
        Update: {
          call_id?: string | null;
          created_at?: string | null;
          currency?: string | null;
          id?: number | null;
          kind?: string | null;
          metadata?: Json | null;
          occurred_at?: string | null;
          price_micros?: number | null;
          quantity?: number | null;
          server_id?: string | null;
          stripe_event_id?: never;
          tenant_id?: string | null;
          tool_name?: string | null;
          unit?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'usage_events_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'usage_events_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      payment_history: {
        Row: {
          amount_cents: number;
          bonus_seconds: number;
          card_consent_at: string | null;
          checkout_expires_at: string | null;
          checkout_session_id: string | null;
          clawed_back_seconds: number;
          created_at: string;
          currency: string;
          deliver_at: string | null;
          disputed_cents: number;
          failure_code: string | null;
          gift_email: string | null;
          gift_message: string | null;
          gift_recipient: string | null;
          id: string;
          idempotency_key: string;
          lost_cents: number;
          package_id: string;
          paid_seconds: number;
          payment_intent_id: string | null;
          purpose: string;
          received_cents: number | null;
          received_currency: string | null;
          refunded_cents: number;
          replaced_intent_id: string | null;
          review_reason: string | null;
          settlements: number;
          status: string;
          stripe_attempt: number;
          tenant_id: string | null;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          amount_cents?: number | null;
          bonus_seconds?: number | null;
          card_consent_at?: string | null;
          checkout_expires_at?: string | null;
          checkout_session_id?: string | null;
          clawed_back_seconds?: number | null;
          created_at?: string | null;
          currency?: string | null;
          deliver_at?: string | null;
          disputed_cents?: number | null;
          failure_code?: string | null;
          gift_email?: string | null;
          gift_message?: string | null;
          gift_recipient?: string | null;
          id?: string | null;
          idempotency_key?: string | null;
          lost_cents?: number | null;
          package_id?: string | null;
          paid_seconds?: number | null;
          payment_intent_id?: string | null;
          purpose?: string | null;
          received_cents?: number | null;
          received_currency?: string | null;
          refunded_cents?: number | null;
          replaced_intent_id?: string | null;
          review_reason?: string | null;
          settlements?: number | null;
          status?: string | null;
          stripe_attempt?: number | null;
          tenant_id?: string | null;
          updated_at?: string | null;
          user_id?: string | null;
        };
        Update: {
          amount_cents?: number | null;
          bonus_seconds?: number | null;
          card_consent_at?: string | null;
          checkout_expires_at?: string | null;
          checkout_session_id?: string | null;
          clawed_back_seconds?: number | null;
          created_at?: string | null;
          currency?: string | null;
          deliver_at?: string | null;
          disputed_cents?: number | null;
          failure_code?: string | null;
          gift_email?: string | null;
          gift_message?: string | null;
          gift_recipient?: string | null;
          id?: string | null;
          idempotency_key?: string | null;
          lost_cents?: number | null;
          package_id?: string | null;
          paid_seconds?: number | null;
          payment_intent_id?: string | null;
          purpose?: string | null;
          received_cents?: number | null;
          received_currency?: string | null;
          refunded_cents?: number | null;
          replaced_intent_id?: string | null;
          review_reason?: string | null;
          settlements?: number | null;
          status?: string | null;
          stripe_attempt?: number | null;
          tenant_id?: string | null;
          updated_at?: string | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'purchases_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'purchases_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      subscription_limits: {
        Row: {
          credits_remaining: number | null;
          credits_used: number;
          included_assets: number | null;
          included_credits: number;
          max_seats: number | null;
          max_sites: number | null;
          overage_credits: number | null;
          period_end: string | null;
          period_start: string;
          subscription_id: string;
          tenant_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'user_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      time_accounts: {
        Row: {
          balance_seconds: number;
          debt_seconds: number;
          held_seconds: number | null;
          live_calls: number | null;
          user_id: string;
        };
        ComputedFields: never;
        Relationships: [];
      };
      time_cards: {
        Row: {
          activated_at: string | null;
          bonus_seconds: number;
          created_at: string;
          disputed_seconds: number;
          expires_at: string | null;
          frozen_at: string | null;
          frozen_seconds: number;
          id: string;
          package_id: string | null;
          paid_debt_seconds: number | null;
          paid_seconds: number;
          part_of_card_id: string | null;
          payment_intent_id: string | null;
          purchaser_id: string | null;
          refunded_seconds: number | null;
          remaining_seconds: number;
          source: string;
          status: string;
          taken_back_seconds: number | null;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          activated_at?: string | null;
          bonus_seconds?: number | null;
          created_at?: string | null;
          disputed_seconds?: number | null;
          expires_at?: string | null;
          frozen_at?: string | null;
          frozen_seconds?: number | null;
          id?: string | null;
          package_id?: string | null;
          paid_debt_seconds?: never;
          paid_seconds?: number | null;
          part_of_card_id?: string | null;
          payment_intent_id?: string | null;
          purchaser_id?: string | null;
          refunded_seconds?: never;
          remaining_seconds?: number | null;
          source?: string | null;
          status?: string | null;
          taken_back_seconds?: never;
          user_id?: string | null;
        };
        Update: {
          activated_at?: string | null;
          bonus_seconds?: number | null;
          created_at?: string | null;
          disputed_seconds?: number | null;
          expires_at?: string | null;
          frozen_at?: string | null;
          frozen_seconds?: number | null;
          id?: string | null;
          package_id?: string | null;
          paid_debt_seconds?: never;
          paid_seconds?: number | null;
          part_of_card_id?: string | null;
          payment_intent_id?: string | null;
          purchaser_id?: string | null;
          refunded_seconds?: never;
          remaining_seconds?: number | null;
          source?: string | null;
          status?: string | null;
          taken_back_seconds?: never;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'grants_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_part_of_fkey';
            columns: ['part_of_card_id'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_part_of_fkey';
            columns: ['part_of_card_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_purchaser_id_fkey';
            columns: ['purchaser_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'grants_purchaser_id_fkey';
            columns: ['purchaser_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      time_ledger: {
        Row: {
          about_card_id: string | null;
          call_id: string | null;
          card_id: string | null;
          created_at: string;
          id: number;
          key: string;
          reason: string;
          seconds: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          about_card_id?: string | null;
          call_id?: string | null;
          card_id?: string | null;
          created_at?: string | null;
          id?: number | null;
          key?: string | null;
          reason?: string | null;
          seconds?: number | null;
          user_id?: string | null;
        };
        Update: {
          about_card_id?: string | null;
          call_id?: string | null;
          card_id?: string | null;
          created_at?: string | null;
          id?: number | null;
          key?: string | null;
          reason?: string | null;
          seconds?: number | null;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'ledger_about_grant_id_fkey';
            columns: ['about_card_id'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_about_grant_id_fkey';
            columns: ['about_card_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'calls';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_grant_id_fkey';
            columns: ['card_id'];
            isOneToOne: false;
            referencedRelation: 'grants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'ledger_grant_id_fkey';
            columns: ['card_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
        ];
      };
      user_profiles: {
        Row: {
          created_at: string;
          display_name: string;
          email: string | null;
          id: string;
          stripe_customer_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string | null;
          display_name?: string | null;
          email?: string | null;
          id?: string | null;
          stripe_customer_id?: string | null;
        };
        Update: {
          created_at?: string | null;
          display_name?: string | null;
          email?: string | null;
          id?: string | null;
          stripe_customer_id?: string | null;
        };
        Relationships: [];
      };
      user_subscriptions: {
        Row: {
          cancel_at: string | null;
          current_period_end: string | null;
          current_period_start: string | null;
          plan_id: string;
          plan_type: string;
          quantity: number | null;
          role: string;
          status: string;
          stripe_subscription_id: string;
          tenant_id: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'subscriptions_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'billing_plans';
            referencedColumns: ['plan_id'];
          },
          {
            foreignKeyName: 'subscriptions_plan_id_fkey';
            columns: ['plan_id'];
            isOneToOne: false;
            referencedRelation: 'plans';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'subscriptions_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_members_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'tenant_members_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      v_asset_latest: {
        Row: {
          asset_count: number;
          captured_at: string;
          site_breakdown: NonNullable<Json>;
          tenant_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'asset_snapshots_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      v_subscription_credit_summary: {
        Row: {
          credits_remaining: number | null;
          credits_used: number;
          included_credits: number;
          overage_credits: number | null;
          percent_used: number | null;
          period_end: string | null;
          period_start: string;
          plan_code: string | null;
          status: string;
          subscription_id: string;
          tenant_id: string;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'billing_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'subscriptions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'credit_periods_subscription_id_fkey';
            columns: ['subscription_id'];
            isOneToOne: false;
            referencedRelation: 'user_subscriptions';
            referencedColumns: ['stripe_subscription_id'];
          },
          {
            foreignKeyName: 'credit_periods_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      v_tenant_monthly_usage: {
        Row: {
          event_count: number | null;
          event_type: string;
          month: string | null;
          tenant_id: string;
          total_credits: number | null;
          total_units: number | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'credit_days_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
        ];
      };
      voice_sessions: {
        Row: {
          charged_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          epoch: number | null;
          errors: number | null;
          granted_seconds: number | null;
          id: string;
          interruptions: number | null;
          latency_p50_ms: number | null;
          latency_p95_ms: number | null;
          lease_expires_at: string | null;
          lease_margin_seconds: number | null;
          opened_at: string;
          quality: number | null;
          receipt: Json | null;
          renewals: number | null;
          restored_ms: number | null;
          room_name: string;
          settled_by: string | null;
          slice_seconds: number | null;
          status: string;
          tenant_id: string | null;
          turns: number | null;
          used_ms: number | null;
          user_id: string;
          worker_id: string | null;
        };
        ComputedFields: never;
        Relationships: [
          {
            foreignKeyName: 'calls_tenant_id_fkey';
            columns: ['tenant_id'];
            isOneToOne: false;
            referencedRelation: 'tenants';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'user_profiles';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'calls_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Functions: {
      accept_invitation: { Args: { p_token_hash: string; p_user_id: string }; Returns: Json };
      activate_time_card: {
        Args: { p_address_hash?: string; p_code_hash: string; p_tenant_id?: string; p_user_id: string };
        Returns: Json;
      };
      add_kpi_actual: { Args: { p_actual: Json; p_operator_id: string; p_tenant_id: string }; Returns: Json };
      add_kpi_baseline: {
        Args: { p_baseline: Json; p_operator_id: string; p_tenant_id: string };
        Returns: Json;
      };
      agent_cards: { Args: { p_limit?: number }; Returns: Json };
      answer_support_request: {
        Args: { p_answer: string; p_operator_id: string; p_request_id: string };
        Returns: Json;
      };
      apply_invoice: { Args: { p_invoice: Json; p_read_at: string }; Returns: Json };
      apply_payment: {
        Args: {
          p_code_hash: string;
          p_currency: string;
          p_disputes: Json;
          p_event_id: string;
          p_event_type: string;
          p_failure_code: string;
          p_payment_intent_id: string;
          p_purchase_id: string;
          p_received_cents: number;
          p_refunds: Json;
          p_status: string;
          p_tax_cents: number;
        };
        Returns: Json;
      };
      apply_subscription: { Args: { p_read_at: string; p_subscription: Json }; Returns: Json };
      ask_for_help: {
        Args: { p_about: string; p_about_id: string; p_key: string; p_message: string; p_user_id: string };
        Returns: Json;
      };
      attach_checkout_session: { Args: { p_purchase_id: string; p_session_id: string }; Returns: string };
      attach_payment_intent: {
        Args: { p_payment_intent_id: string; p_purchase_id: string };
        Returns: boolean;
      };
      audit_figures: { Args: Record<PropertyKey, never>; Returns: Json };
      audit_invariants: {
        Args: Record<PropertyKey, never>;
        Returns: {
          detail: string;
          invariant: string;
          subject: string;
        }[];
      };
      audit_some: { Args: { p_milliseconds?: number }; Returns: Json };
      beat_task: { Args: { p_epoch: number; p_seconds?: number; p_task_id: string }; Returns: Json };
      begin_execution: {
        Args: {
          p_agent_id?: string;
          p_call_id?: string;
          p_key: string;
          p_lease_seconds?: number;
          p_may_cost_micros?: number;
          p_product_id: string;
          p_task_id?: string;
          p_tenant_id?: string;
          p_try?: boolean;
          p_user_id?: string;
        };
        Returns: Json;
      };
      begin_machine_payment: {
        Args: {
          p_call_id?: string;
          p_key: string;
          p_package_id: string;
          p_payment: Json;
          p_price: Json;
          p_secret_hash: string;
          p_tenant_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      begin_operator_refund: {
        Args: {
          p_amount_cents: number;
          p_key: string;
          p_operator_id: string;
          p_purchase_id: string;
          p_reason: string;
        };
        Returns: Json;
      };
      begin_paid_call: {
        Args: {
          p_call_id: string;
          p_max_cents: number;
          p_secret_hash: string;
          p_tenant_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      begin_payment_verification: {
        Args: { p_key: string; p_request_hash: string; p_tenant_id: string };
        Returns: Json;
      };
      begin_purchase: {
        Args: {
          p_deliver_on?: string;
          p_gift_email?: string;
          p_key: string;
          p_message?: string;
          p_package_id: string;
          p_purpose: string;
          p_recipient_name?: string;
          p_tenant_id?: string;
          p_time_zone?: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      begin_task: { Args: { p_seconds?: number; p_task_id: string }; Returns: Json };
      begin_tool_call: {
        Args: {
          p_id: string;
          p_seconds: number;
          p_server: string;
          p_tenant_id: string;
          p_tool: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      begin_tool_job: {
        Args: { p_id: string; p_server: string; p_tenant_id: string; p_tool: string; p_user_id: string };
        Returns: Json;
      };
      board_calls: {
        Args: { p_from: string; p_limit?: number; p_order: string; p_to: string; p_version?: string };
        Returns: Json;
      };
      board_disputes: { Args: { p_limit: number; p_status: string }; Returns: Json };
      board_money: {
        Args: { p_basis: string; p_from: string; p_step: string; p_to: string; p_zone: string };
        Returns: Json;
      };
      board_now: { Args: { p_limit?: number }; Returns: Json };
      board_people: { Args: { p_from: string; p_step: string; p_to: string; p_zone: string }; Returns: Json };
      board_person: { Args: { p_user_id: string }; Returns: Json };
      board_requests: {
        Args: {
          p_about?: string;
          p_from: string;
          p_limit?: number;
          p_provider?: string;
          p_to: string;
          p_version?: string;
        };
        Returns: Json;
      };
      board_retention: { Args: { p_months: number }; Returns: Json };
      board_support: {
        Args: { p_from: string; p_step: string; p_to: string; p_zone: string };
        Returns: Json;
      };
      board_time: { Args: { p_from: string; p_step: string; p_to: string; p_zone: string }; Returns: Json };
      board_trials: { Args: { p_from: string; p_to: string }; Returns: Json };
      board_voice: { Args: { p_from: string; p_step: string; p_to: string; p_zone: string }; Returns: Json };
      calls_in_vain: { Args: { p_user_id: string }; Returns: boolean };
      change_member_role: {
        Args: { p_member_id: string; p_role: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      check_figures: { Args: { p_day?: string }; Returns: Json };
      check_revenue: { Args: { p_day?: string }; Returns: Json };
      check_spend: { Args: { p_limit?: number }; Returns: number };
      check_usage: { Args: { p_day?: string }; Returns: Json };
      choose_checkout: { Args: { p_lasts_seconds: number; p_purchase_id: string }; Returns: Json };
      claim_auto_top_up_charge: { Args: { p_charge_id: string }; Returns: Json };
      claim_trial: {
        Args: {
          p_address_hash: string;
          p_email_hash: string;
          p_per_address: number;
          p_per_day: number;
          p_seconds: number;
          p_user_id: string;
          p_valid_days: number;
        };
        Returns: Json;
      };
      cleanup_expired_time_cards: { Args: Record<PropertyKey, never>; Returns: number };
      close_support_request: {
        Args: { p_operator_id: string; p_reason: string; p_request_id: string };
        Returns: Json;
      };
      close_tenant: {
        Args: { p_forfeit_seconds: number; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      correct_memory: { Args: { p_memory_id: string; p_text: string; p_user_id: string }; Returns: Json };
      create_api_key: {
        Args: {
          p_expires_at: string;
          p_key_hash: string;
          p_last4: string;
          p_name: string;
          p_prefix: string;
          p_scopes: string[];
          p_tenant_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      create_code_batch: {
        Args: {
          p_card_ids: string[];
          p_code_hashes: string[];
          p_count: number;
          p_key: string;
          p_kind: string;
          p_minutes: number;
          p_note: string;
          p_operator_id: string;
          p_package_id: string;
          p_usable_until: string;
        };
        Returns: Json;
      };
      create_task: { Args: { p_key: string; p_task: Json }; Returns: Json };
      create_tenant: { Args: { p_key: string; p_name: string; p_user_id: string }; Returns: Json };
      credit_summary: { Args: { p_months?: number; p_tenant_id: string; p_user_id: string }; Returns: Json };
      credit_wallet: {
        Args: {
          p_key: string;
          p_micros: number;
          p_operator_id: string;
          p_owner_id: string;
          p_owner_kind: string;
          p_reason: string;
        };
        Returns: Json;
      };
      database_settings: { Args: Record<PropertyKey, never>; Returns: Json };
      decide_auto_top_ups: { Args: { p_limit?: number }; Returns: Json };
      decide_gainshare: {
        Args: {
          p_decision: string;
          p_reason?: string;
          p_run_id: string;
          p_snapshot_hash: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      decide_job: {
        Args: { p_decision: string; p_id: string; p_operator_id: string; p_reason: string };
        Returns: Json;
      };
      decline_auto_top_up_charge: { Args: { p_charge_id: string }; Returns: Json };
      deduct_user_time: { Args: { key?: string; minutes: number; user_id: string }; Returns: Json };
      delete_account: { Args: { p_forfeit_seconds: number; p_user_id: string }; Returns: Json };
      deletion_terms: { Args: { p_user_id: string }; Returns: Json };
      desk_ms_today: { Args: { p_user_id: string }; Returns: number };
      disable_auto_top_up: { Args: { p_user_id: string }; Returns: Json };
      downgrade_blockers: { Args: { p_plan_id: string; p_tenant_id: string }; Returns: Json };
      due_machine_payments: { Args: { p_limit?: number }; Returns: Json };
      end_lost_tool_calls: { Args: { p_limit?: number }; Returns: number };
      end_purchase_unmade: {
        Args: { p_older_than_seconds: number; p_purchase_id: string };
        Returns: boolean;
      };
      end_task: {
        Args: {
          p_charged_micros?: number;
          p_epoch: number;
          p_error?: string;
          p_outcome: string;
          p_result?: Json;
          p_task_id: string;
        };
        Returns: Json;
      };
      end_tool_call: { Args: { p_id: string; p_outcome: string; p_result?: Json }; Returns: Json };
      erase_all_memories: { Args: { p_user_id: string }; Returns: Json };
      erase_memory: { Args: { p_call_id?: string; p_memory_id: string; p_user_id: string }; Returns: Json };
      erase_person: { Args: { p_operator_id: string; p_reason: string; p_user_id: string }; Returns: Json };
      expire_cards: { Args: { p_after?: string; p_limit?: number }; Returns: Json };
      explain_usage: {
        Args: { p_day: string; p_event_name: string; p_tenant_id: string; p_theirs: number };
        Returns: Json;
      };
      export_code_batch: {
        Args: { p_batch_id: string; p_export_id: string; p_operator_id: string; p_reason?: string };
        Returns: Json;
      };
      export_part: {
        Args: {
          p_after_at?: string;
          p_after_id?: string;
          p_limit?: number;
          p_part: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      export_person: { Args: { p_user_id: string }; Returns: Json };
      fail_stripe_event: {
        Args: { p_error: string; p_event_id: string; p_max_attempts: number };
        Returns: Json;
      };
      find_machine_order: {
        Args: {
          p_key?: string;
          p_order_id?: string;
          p_secret_hash: string;
          p_tenant_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      find_people: { Args: { p_code_hash?: string; p_limit?: number; p_text: string }; Returns: Json };
      finish_execution: {
        Args: {
          p_bytes?: number;
          p_execution_id: string;
          p_http_status?: number;
          p_outcome: string;
          p_result?: Json;
          p_took_ms?: number;
        };
        Returns: Json;
      };
      finish_operator_refund: {
        Args: { p_refund_id: string; p_refusal: string; p_stripe_refund_id: string };
        Returns: boolean;
      };
      finish_stripe_event: {
        Args: { p_event_id: string; p_event_type: string; p_outcome: string };
        Returns: Json;
      };
      forget_activation_addresses: { Args: Record<PropertyKey, never>; Returns: number };
      forget_customer: { Args: { p_customer_id: string }; Returns: Json };
      forget_trial_addresses: { Args: Record<PropertyKey, never>; Returns: number };
      freeze_person: {
        Args: { p_is_frozen: boolean; p_operator_id: string; p_reason: string; p_user_id: string };
        Returns: Json;
      };
      fund_agent: {
        Args: { p_agent_id: string; p_key: string; p_micros: number; p_user_id: string };
        Returns: Json;
      };
      get_user_analytics: { Args: { p_user_id: string }; Returns: Json };
      get_user_time_balance: { Args: { user_id: string }; Returns: number };
      give_promotional_credits: {
        Args: {
          p_credits: number;
          p_days: number;
          p_key: string;
          p_operator_id: string;
          p_reason: string;
          p_tenant_id: string;
        };
        Returns: Json;
      };
      grant_goodwill: {
        Args: {
          p_key: string;
          p_operator_id: string;
          p_reason: string;
          p_seconds: number;
          p_user_id: string;
        };
        Returns: Json;
      };
      invite_member: {
        Args: {
          p_email: string;
          p_invitation_id: string;
          p_role: string;
          p_tenant_id: string;
          p_token_hash: string;
          p_user_id: string;
          p_valid_days?: number;
        };
        Returns: Json;
      };
      job_figures: {
        Args: Record<PropertyKey, never>;
        Returns: {
          given_up: number;
          kind: string;
          oldest_seconds: number;
          waiting: number;
        }[];
      };
      list_api_keys: { Args: { p_tenant_id: string; p_user_id: string }; Returns: Json };
      list_api_products: { Args: { p_seller_id: string; p_user_id: string }; Returns: Json };
      list_billing_invoices: {
        Args: { p_before?: string; p_limit?: number; p_tenant_id: string };
        Returns: Json;
      };
      list_calls: {
        Args: { p_before?: string; p_limit?: number; p_tenant_id?: string; p_user_id: string };
        Returns: Json;
      };
      list_code_batches: { Args: { p_limit?: number; p_operator_id: string }; Returns: Json };
      list_credit_plans: { Args: Record<PropertyKey, never>; Returns: Json };
      list_gainshare: { Args: { p_limit?: number; p_tenant_id: string }; Returns: Json };
      list_given_up_jobs: { Args: { p_limit: number }; Returns: Json };
      list_invitations: { Args: { p_tenant_id: string; p_user_id: string }; Returns: Json };
      list_invoice_runs: { Args: { p_after_seconds?: number; p_limit: number }; Returns: Json };
      list_memories: { Args: { p_user_id: string }; Returns: Json };
      list_operator_acts: { Args: { p_before: string; p_limit: number }; Returns: Json };
      list_opportunities: { Args: { p_limit?: number }; Returns: Json };
      list_own_requests: { Args: { p_before?: string; p_limit?: number; p_user_id: string }; Returns: Json };
      list_payment_verifications: {
        Args: { p_before?: string; p_limit?: number; p_tenant_id: string };
        Returns: Json;
      };
      list_people_without_customer: { Args: { p_limit: number }; Returns: Json };
      list_purchases: { Args: { p_before?: string; p_limit?: number; p_user_id: string }; Returns: Json };
      list_support_requests: {
        Args: {
          p_about_id?: string;
          p_after?: string;
          p_limit?: number;
          p_status?: string;
          p_user_id?: string;
        };
        Returns: Json;
      };
      list_tasks: { Args: { p_before?: string; p_limit?: number }; Returns: Json };
      list_tenant_members: { Args: { p_tenant_id: string; p_user_id: string }; Returns: Json };
      list_tenants: { Args: { p_user_id: string }; Returns: Json };
      list_tenants_without_customer: { Args: { p_limit: number }; Returns: Json };
      live_subscription: { Args: { p_line?: string; p_tenant_id: string }; Returns: string };
      make_usage_partitions: { Args: { p_months?: number }; Returns: Json };
      may_call: {
        Args: {
          p_call_id: string;
          p_max_live_calls?: number;
          p_room_name: string;
          p_tenant_id?: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      miss_invoice_line: { Args: { p_id: string; p_invoice_id: string }; Returns: Json };
      monitor_market: { Args: { p_limit?: number; p_tenant_id?: string }; Returns: Json };
      next_refund_attempt: { Args: { p_attempt: number; p_refund_id: string }; Returns: number };
      next_stripe_attempt: { Args: { p_attempt: number; p_purchase_id: string }; Returns: number };
      note_api_answers: { Args: { p_notes: Json }; Returns: Json };
      note_card_consent: { Args: { p_consent: boolean; p_purchase_id: string }; Returns: boolean };
      note_chain_refund: {
        Args: {
          p_amount_cents: number;
          p_operator_id: string;
          p_purchase_id: string;
          p_reason: string;
          p_transaction: string;
        };
        Returns: Json;
      };
      note_finding: { Args: { p_detail: string; p_kind: string; p_subject: string }; Returns: boolean };
      note_invoice_line: { Args: { p_id: string; p_invoice_id: string; p_item_id: string }; Returns: Json };
      note_language: { Args: { p_language: string; p_user_id: string }; Returns: undefined };
      note_late_usage: { Args: { p_id: string; p_invoice_item_id: string }; Returns: Json };
      note_lookers: { Args: { p_seconds: number; p_user_ids: string[] }; Returns: number };
      note_operator_act: {
        Args: {
          p_about_user_id: string;
          p_act: string;
          p_operator_id: string;
          p_reason: string;
          p_subject: string;
        };
        Returns: Json;
      };
      note_payment_fee: {
        Args: { p_currency: string; p_fee_cents: number; p_payment_intent_id: string; p_purchase_id: string };
        Returns: Json;
      };
      note_replay: { Args: { p_event_id: string; p_operator_id: string; p_reason?: string }; Returns: Json };
      note_tenant_customer: { Args: { p_customer_at_stripe: string; p_tenant_id: string }; Returns: Json };
      note_unknown_outcome: { Args: { p_purchase_id: string }; Returns: boolean };
      open_call: {
        Args: {
          p_call_id: string;
          p_lease_margin_seconds?: number;
          p_max_live_calls?: number;
          p_room_name: string;
          p_slice_seconds?: number;
          p_tenant_id?: string;
          p_user_id: string;
          p_worker_id?: string;
        };
        Returns: Json;
      };
      operator_analytics: { Args: { p_days: number }; Returns: Json };
      optimise_agents: { Args: Record<PropertyKey, never>; Returns: Json };
      premium_tool: { Args: { p_tenant_id: string; p_tool: string; p_user_id: string }; Returns: Json };
      products_for_sale: {
        Args: { p_after?: string; p_limit?: number; p_tenant_id?: string; p_user_id: string };
        Returns: Json;
      };
      rate_call: {
        Args: { p_call_id: string; p_score: number; p_user_id: string; p_words?: string };
        Returns: Json;
      };
      read_api_errors: { Args: { p_days: number; p_tenant_id: string }; Returns: Json };
      read_api_plan: { Args: { p_tenant_id: string }; Returns: Json };
      read_api_usage: {
        Args: { p_by: string; p_from: string; p_key_id?: string; p_tenant_id: string; p_to: string };
        Returns: Json;
      };
      read_auto_top_up: { Args: { p_user_id: string }; Returns: Json };
      read_caller: { Args: { p_call_id?: string; p_facts?: number; p_user_id: string }; Returns: Json };
      read_invitation_mail: { Args: { p_invitation_id: string }; Returns: Json };
      read_invoice_mail: { Args: { p_invoice_id: string }; Returns: Json };
      read_page_settings: { Args: { p_user_id: string }; Returns: Json };
      read_paid_call: {
        Args: { p_call_id: string; p_secret_hash: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      read_purchase: { Args: { p_purchase_id: string; p_user_id: string }; Returns: Json };
      read_rating: { Args: { p_call_id: string; p_user_id: string }; Returns: Json };
      read_receipt: { Args: { p_call_id: string; p_user_id: string }; Returns: Json };
      read_settings: { Args: { p_user_id: string }; Returns: Json };
      read_spend_mail: {
        Args: {
          p_began: string;
          p_period: string;
          p_tenant_id: string;
          p_threshold: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      read_subscription: { Args: { p_subscription_id: string }; Returns: Json };
      read_support_request: { Args: { p_request_id: string }; Returns: Json };
      read_tenant: { Args: { p_tenant_id: string; p_user_id: string }; Returns: Json };
      read_tenant_billing: {
        Args: { p_line?: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      read_tenant_contact: { Args: { p_tenant_id: string }; Returns: Json };
      read_tenant_role: { Args: { p_tenant_id: string; p_user_id: string }; Returns: string };
      read_tool_job: { Args: { p_id: string; p_user_id: string }; Returns: Json };
      read_trial: {
        Args: {
          p_address_hash: string;
          p_email_hash: string;
          p_per_address: number;
          p_per_day: number;
          p_user_id: string;
        };
        Returns: string;
      };
      read_wallet: {
        Args: { p_agent_id?: string; p_seller_id?: string; p_tenant_id?: string; p_user_id: string };
        Returns: Json;
      };
      reap_calls: { Args: { p_limit?: number }; Returns: Json };
      reap_executions: { Args: { p_limit?: number }; Returns: number };
      reap_tasks: { Args: { p_limit?: number }; Returns: Json };
      reap_wallet_holds: { Args: { p_limit?: number }; Returns: number };
      record_assets: {
        Args: {
          p_asset_count: number;
          p_captured_at?: string;
          p_key?: string;
          p_site_breakdown?: Json;
          p_source?: string;
          p_tenant_id: string;
        };
        Returns: Json;
      };
      record_missing_usage: { Args: { p_limit?: number }; Returns: Json };
      record_payment_verification: {
        Args: {
          p_candidates: Json;
          p_key: string;
          p_key_id: string;
          p_request: Json;
          p_tenant_id: string;
          p_verdict: Json;
        };
        Returns: Json;
      };
      record_site_assets: {
        Args: {
          p_asset_count: number;
          p_night: string;
          p_site: string;
          p_source?: string;
          p_tenant_id: string;
        };
        Returns: Json;
      };
      refund_execution: {
        Args: {
          p_execution_id: string;
          p_key: string;
          p_micros?: number;
          p_operator_id: string;
          p_reason: string;
        };
        Returns: Json;
      };
      refuse_meter_events: { Args: { p_identifiers: string[]; p_reason: string }; Returns: Json };
      register_agent: {
        Args: { p_agent: Json; p_key: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      register_seller: { Args: { p_name: string; p_tenant_id: string; p_user_id: string }; Returns: Json };
      remember_facts: { Args: { p_call_id: string; p_facts: Json; p_user_id: string }; Returns: Json };
      remove_member: { Args: { p_member_id: string; p_tenant_id: string; p_user_id: string }; Returns: Json };
      renew_call: {
        Args: { p_call_id: string; p_epoch: number; p_restored_ms?: number; p_used_ms: number };
        Returns: Json;
      };
      renew_calls: {
        Args: { p_call_ids: string[]; p_epochs: number[]; p_restored_ms: number[]; p_used_ms: number[] };
        Returns: {
          call_id: string;
          epoch: number;
          final: boolean;
          free_seconds: number;
          granted_seconds: number;
          live_calls: number;
          status: string;
        }[];
      };
      repair_customer: { Args: { p_user_id: string }; Returns: Json };
      repair_tenant_customer: { Args: { p_tenant_id: string }; Returns: Json };
      report_worker: { Args: { p_report: Json; p_worker_id: string }; Returns: Json };
      reschedule_gift: {
        Args: { p_card_id: string; p_deliver_on: string; p_time_zone: string; p_user_id: string };
        Returns: Json;
      };
      reserve_desk: {
        Args: { p_call_id: string; p_had_ms: number; p_seconds: number; p_seconds_per_day: number };
        Returns: number;
      };
      resolve_review: {
        Args: {
          p_code_hash: string;
          p_decision: string;
          p_operator_id: string;
          p_purchase_id: string;
          p_reason: string;
        };
        Returns: Json;
      };
      retry_refused_meter_events: { Args: { p_event_name?: string }; Returns: Json };
      revenue_over_time: {
        Args: { p_by?: string; p_from: string; p_to: string; p_zone?: string };
        Returns: Json;
      };
      revenue_stats: { Args: { p_zone?: string }; Returns: Json };
      revoke_api_key: { Args: { p_key_id: string; p_tenant_id: string; p_user_id: string }; Returns: Json };
      revoke_code_batch: {
        Args: { p_batch_id: string; p_operator_id: string; p_reason?: string };
        Returns: Json;
      };
      revoke_invitation: {
        Args: { p_invitation_id: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      roll_up: { Args: { p_limit?: number }; Returns: Json };
      roll_up_revenue: { Args: { p_limit?: number }; Returns: Json };
      roll_up_usage: { Args: { p_limit?: number }; Returns: Json };
      room_finished: { Args: { p_room_name: string }; Returns: boolean };
      rotate_api_key: {
        Args: {
          p_grace_seconds: number;
          p_key_hash: string;
          p_key_id: string;
          p_last4: string;
          p_prefix: string;
          p_tenant_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      run_gainshare: {
        Args: {
          p_dispute_days?: number;
          p_fee_cap_cents?: number;
          p_operator_id: string;
          p_period_end: string;
          p_period_start: string;
          p_share_pct: number;
          p_tenant_id: string;
        };
        Returns: Json;
      };
      save_api_product: {
        Args: {
          p_product: Json;
          p_product_id: string;
          p_secrets?: Json;
          p_seller_id: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      schedule_tasks: { Args: { p_limit?: number }; Returns: Json };
      search_memories: {
        Args: {
          p_embedding?: number[];
          p_limit?: number;
          p_model?: string;
          p_query: string;
          p_user_id: string;
        };
        Returns: Json;
      };
      seconds_to_next_lease_end: { Args: Record<PropertyKey, never>; Returns: number };
      set_agent_state: { Args: { p_agent_id: string; p_state: string }; Returns: Json };
      set_auto_top_up: {
        Args: {
          p_currency?: string;
          p_monthly_cap_cents: number;
          p_package_id: string;
          p_payment_method_id: string;
          p_price_cents?: number;
          p_threshold_seconds: number;
          p_user_id: string;
        };
        Returns: Json;
      };
      set_catalogue: { Args: { p_dry_run?: boolean; p_plans: Json }; Returns: Json };
      set_credit_rule: {
        Args: {
          p_credits: number;
          p_event_type: string;
          p_from: string;
          p_per_pieces: number;
          p_piece: string;
          p_pieces_per_unit: number;
          p_unit: string;
        };
        Returns: Json;
      };
      set_credit_settings: {
        Args: { p_low_credits: number; p_overage_cap_cents: number; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      set_rates: { Args: { p_rates: Json }; Returns: Json };
      settle_call: {
        Args: {
          p_call_id: string;
          p_end_reason: string;
          p_epoch: number;
          p_measures?: Json;
          p_restored_ms?: number;
          p_used_ms: number;
          p_windows?: Json;
        };
        Returns: Json;
      };
      settle_machine_payment: {
        Args: {
          p_again_seconds?: number;
          p_code_hash?: string;
          p_failure?: string;
          p_outcome: string;
          p_purchase_id: string;
          p_transaction?: string;
        };
        Returns: Json;
      };
      settle_meter_events: { Args: { p_outcomes: Json; p_retry_seconds?: number }; Returns: Json };
      spend_warning: { Args: { p_tenant_id: string }; Returns: string };
      spoken_products: { Args: { p_limit?: number; p_tenant_id: string; p_user_id: string }; Returns: Json };
      stop_using_card: { Args: { p_payment_method_id: string; p_user_id: string }; Returns: Json };
      store_stripe_events: { Args: { p_events: Json }; Returns: Json };
      subscription_start: { Args: { p_now?: string; p_start?: string; p_tenant_id: string }; Returns: Json };
      support_figures: { Args: { p_days?: number }; Returns: Json };
      take_call_token: {
        Args: { p_address_hash?: string; p_call_id: string; p_user_id: string };
        Returns: Json;
      };
      take_fees_wanted: { Args: { p_limit: number; p_older_than_seconds: number }; Returns: Json };
      take_invoice_lines: { Args: { p_invoice_id?: string; p_subscription_id: string }; Returns: Json };
      take_late_usage: { Args: { p_limit: number }; Returns: Json };
      take_meter_events: {
        Args: { p_lease_seconds?: number; p_limit: number; p_oldest_days?: number };
        Returns: Json;
      };
      track_credits: {
        Args: {
          p_event_type: string;
          p_key?: string;
          p_meta?: Json;
          p_subscription_id: string;
          p_tenant_id: string;
          p_units: number;
          p_user_id?: string;
        };
        Returns: Json;
      };
      track_usage: { Args: { p_events: Json; p_tenant_id: string; p_user_id: string }; Returns: Json };
      update_tenant: {
        Args: { p_billing_email?: string; p_name?: string; p_tenant_id: string; p_user_id: string };
        Returns: Json;
      };
      usage_limits: { Args: { p_tenant_id: string; p_user_id: string }; Returns: Json };
      usage_report_figures: { Args: Record<PropertyKey, never>; Returns: Json };
      usage_summary: {
        Args: { p_by: string; p_from: string; p_tenant_id: string; p_to: string; p_user_id: string };
        Returns: Json;
      };
      usage_to_compare: { Args: { p_days: number; p_settled_seconds?: number }; Returns: Json };
      use_api_keys: { Args: { p_uses: Json }; Returns: Json };
      verify_receipts: { Args: { p_user_id: string }; Returns: Json };
      wallet_books: { Args: Record<PropertyKey, never>; Returns: Json };
      write_page_settings: {
        Args: { p_language?: string; p_mails_off?: string[]; p_user_id: string };
        Returns: Json;
      };
      write_settings: {
        Args: { p_locale?: string; p_memory_enabled?: boolean; p_user_id: string; p_voice?: string };
        Returns: Json;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema['Enums']
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema['CompositeTypes']
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
